"""Golden cases of whole applications, computed by real Keras, in the container `golden/1`.

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install keras==3.15.1 tensorflow-cpu==2.21.0 tf-keras==2.21.0 h5py==3.14.0
    /tmp/venv/bin/python Tests/Goldens/make_applications.py OUT.h5 '[["MobileNet", {"alpha": 0.5}, [2, 96, 64]]]'

A case is a function of keras.applications (of tf_keras', with TF_KERAS=1, for what only Keras 2 has), its arguments (weights are always null) and the batch, height and width
of its pictures. Weights and pictures follow the formula of Tests/KerasTestSupport/Goldens/FormulaNumbers.swift.
"""
import importlib
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import h5py  # noqa: E402
import numpy as np  # noqa: E402

IS_TF_KERAS = "TF_KERAS" in os.environ
keras = importlib.import_module("tf_keras" if IS_TF_KERAS else "keras")

# So that numbers neither die out nor explode.
GAMMA_LOW = {
    "mobilenet": 0.8, "mobilenet_v3": 0.8, "efficientnet": 0.9, "efficientnet_v2": 0.6, "nasnet": 0.6, "regnet": 0.5,
    "resnet_rs": 0.5}
FIRST_IMAGE = 1_000_000
TAPS = 6


def uniform(tensor, count):
    """Element i of tensor number t: SplitMix64's finaliser of t * 2^40 + i, the upper 24 bits in [0, 1)."""
    with np.errstate(over="ignore"):
        z = (np.uint64(tensor) << np.uint64(40)) + np.arange(count, dtype=np.uint64)
        z = z + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype(np.float64) / 2**24


def path(variable):
    return variable.name.removesuffix(":0") if IS_TF_KERAS else variable.path


def weight(number, layer, variable, gamma_low):
    shape = tuple(variable.shape)
    u = uniform(number, int(np.prod(shape, dtype=np.int64)))
    name = path(variable).split("/")[-1]
    if name in ("kernel", "depthwise_kernel", "pointwise_kernel", "recurrent_kernel", "embeddings"):
        depthwise = name == "depthwise_kernel" or (
            name == "kernel" and type(layer).__name__.startswith("DepthwiseConv"))
        value = (2 * u - 1) * np.sqrt(6 / np.prod(shape[: -2 if depthwise else -1]))
    elif name == "gamma":
        value = gamma_low + 0.4 * u
    elif name in ("moving_variance", "variance"):
        value = 0.7 + 0.6 * u
    else:
        value = 0.2 * u - 0.1
    return value.reshape(shape).astype(np.dtype(variable.dtype if not IS_TF_KERAS else variable.dtype.name))


def add_case(cases, name, function, arguments, images):
    keras.backend.clear_session()
    module = getattr(keras.applications, function).__module__.split(".")[-1]
    python_arguments = {k: tuple(v) if isinstance(v, list) else v for k, v in arguments.items()}
    model = getattr(keras.applications, function)(**python_arguments, weights=None)
    gamma_low = GAMMA_LOW.get(module, 0.4)
    number = 0
    for layer in model.layers:
        for variable in layer.weights:
            variable.assign(weight(number, layer, variable, gamma_low))
            number += 1
        if hasattr(layer, "finalize_state"):
            layer.finalize_state()

    batch, height, width = images
    channels = model.input_shape[-1]
    pixels = np.stack([
        np.floor(256 * uniform(FIRST_IMAGE + b, height * width * channels)).reshape(height, width, channels)
        for b in range(batch)]).astype(np.float32)
    preprocess = importlib.import_module(f"{keras.__name__}.applications.{module}").preprocess_input
    x = preprocess(pixels.copy())
    inner = [layer for layer in model.layers[1:] if layer.weights or "relu" in layer.name]
    taps = inner[:: max(1, len(inner) // TAPS)][:TAPS]
    *tapped, output = keras.Model(model.inputs, [t.output for t in taps] + [model.output]).predict(x, verbose=0)

    group = cases.create_group(name)
    for key, value in {
        "kind": "application", "function": function, "arguments": {**arguments, "weights": None},
        "images": {"batch": batch, "height": height, "width": width, "channels": channels, "first": FIRST_IMAGE},
        "preprocess": module, "model_name": model.name,
        "layer_names": [layer.name for layer in model.layers],
        "layer_classes": [type(layer).__name__ for layer in model.layers],
        "layer_output_shapes": [list(layer.output.shape) for layer in model.layers],
        "weight_names": [path(v) for layer in model.layers for v in layer.weights],
        "weight_shapes": [list(v.shape) for layer in model.layers for v in layer.weights],
    }.items():
        text = value if isinstance(value, str) else json.dumps(value)
        if len(text) > 60_000:
            group.create_dataset(key, data=np.frombuffer(text.encode(), np.uint8))
        else:
            group.attrs[key] = text
    if IS_TF_KERAS:
        group.attrs["api"] = "tf_keras"
    group.attrs["gamma_low"] = gamma_low
    group.attrs["param_count"] = model.count_params()
    group.attrs["rtol"] = 2e-4
    group.attrs["atol"] = 1e-4 * float(np.std(output)) + 1e-6
    group["outputs/0"] = output
    for layer, values in zip(taps, tapped):
        group[f"taps/{layer.name}"] = np.concatenate(
            [[values.mean(dtype=np.float64), values.std(dtype=np.float64)], values.ravel()[:8]]).astype(np.float32)


def main():
    path, cases = sys.argv[1], json.loads(sys.argv[2])
    with h5py.File(path, "w") as file:
        file.attrs["format"] = "golden/1"
        file.attrs["family"] = "applications"
        file.attrs["keras_version"] = keras.__version__
        for index, (function, arguments, images) in enumerate(cases):
            add_case(file.require_group("cases"), f"{function}-{index}", function, arguments, images)


if __name__ == "__main__":
    main()
