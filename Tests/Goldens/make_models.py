"""Writes Keras' layer orders and numbers for Tests/KerasModelsTests.

    pip install keras==3.15.1 tensorflow-cpu==2.21.0
    python Tests/Goldens/make_models.py

orders.json: random graphs of layers, described call by call, and the order Keras lists their layers in.
numbers.json: outputs of small models that Swift builds by the same names; weights and inputs follow from a
formula (`pattern`), so that only outputs are stored.
"""

import json
import os
import pathlib
import random

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import keras
import numpy as np
from keras import layers as L

assert keras.__version__ == "3.15.1", keras.__version__

FOLDER = pathlib.Path(__file__).parent


# Orders


def random_graph(seed):
    """Tensors are numbered: inputs first, then one a call."""
    rng = random.Random(seed)
    input_count = rng.randint(1, 3)
    calls, shared = [], []
    for number in range(rng.randint(1, 14)):
        tensors = input_count + len(calls)
        recent = range(max(0, tensors - 4), tensors)
        kind = rng.random()
        if kind < 0.25 and shared:
            calls.append([rng.choice(shared), [rng.choice(recent)]])
        elif kind < 0.65:
            calls.append([f"dense_{seed}_{number}", [rng.choice(recent)]])
            shared.append(calls[-1][0])
        else:
            sources = [rng.randrange(tensors) for _ in range(rng.randint(2, 3))]
            calls.append([f"add_{seed}_{number}", sources])
    tensors = input_count + len(calls)
    outputs = [tensors - 1] + rng.sample(range(tensors), rng.choice([0, 0, 0, 1, 2]) if tensors > 2 else 0)
    inputs = list(range(input_count))
    if seed % 5 == 4:
        inputs = inputs + [rng.randrange(input_count, tensors)]
    if seed % 7 == 6:
        inputs = inputs[1:] or inputs
    rng.shuffle(inputs)
    return {"inputCount": input_count, "calls": calls, "inputs": inputs, "outputs": outputs}


def layer_order(graph):
    keras.utils.clear_session()
    tensors = [keras.Input((4,), name=f"input_{number}") for number in range(graph["inputCount"])]
    layers = {}
    for name, sources in graph["calls"]:
        layer = layers.setdefault(name, (L.Add if name.startswith("add") else lambda name: L.Dense(4, name=name))(name=name))
        arguments = [tensors[source] for source in sources]
        tensors.append(layer(arguments if name.startswith("add") else arguments[0]))
    try:
        model = keras.Model([tensors[i] for i in graph["inputs"]], [tensors[i] for i in graph["outputs"]])
    except ValueError:
        return None, None
    text = []
    model.summary(print_fn=text.append)
    # What stands for a tensor in the middle is named otherwise in Swift.
    return ["*" if layer.name.endswith("CLONE") else layer.name for layer in model.layers], "Connected" not in text[0]


def write_orders():
    graphs = []
    for seed in range(180):
        graph = random_graph(seed)
        graph["layers"], graph["isChain"] = layer_order(graph)
        # Beginning in the middle, Keras refuses outputs that do not pass there; Swift has no reason to.
        if graph["layers"] is None and max(graph["inputs"]) >= graph["inputCount"]:
            continue
        graphs.append(graph)
    write("orders.json", graphs)


# Numbers


def pattern(shape, number):
    count = int(np.prod(shape))
    values = ((np.arange(count, dtype=np.int64) * 37 + number * 101 + 11) % 97) / 97.0 - 0.5
    return values.astype(np.float32).reshape(shape)


def single(layer, *shapes):
    inputs = [keras.Input(shape) for shape in shapes]
    return keras.Model(inputs, layer(inputs)) if len(inputs) > 1 else keras.Model(inputs[0], layer(inputs[0]))


def residual():
    image = keras.Input((9, 7, 4))
    x = L.Conv2D(2, 1, strides=2)(image)
    x = L.BatchNormalization(epsilon=1.001e-5)(x)
    x = L.Activation("relu")(x)
    x = L.Conv2D(2, 3, padding="same")(x)
    x = L.BatchNormalization(epsilon=1.001e-5)(x)
    shortcut = L.BatchNormalization()(L.Conv2D(2, 1, strides=2)(image))
    return keras.Model(image, L.Activation("relu")(L.Add()([shortcut, x])))


def separable():
    image = keras.Input((8, 9, 3))
    x = L.ZeroPadding2D(((0, 1), (0, 1)))(image)
    x = L.DepthwiseConv2D(3, strides=2, use_bias=False)(x)
    x = L.ReLU(6.0)(L.BatchNormalization()(x))
    x = L.Conv2D(5, 1, padding="same", use_bias=False)(x)
    x = L.ReLU(6.0)(L.BatchNormalization()(x))
    x = L.GlobalAveragePooling2D(keepdims=True)(x)
    return keras.Model(image, L.Activation("softmax")(L.Reshape((5,))(L.Dropout(0.3)(x))))


def two_in_two_out():
    a, b = keras.Input((3,)), keras.Input((2, 3))
    dense = L.Dense(4, activation="tanh")
    x, y = dense(a), dense(b)
    return keras.Model([a, b], [L.Add()([x, L.Flatten()(L.Dense(2)(y))]), y])


def nested():
    inner_in = keras.Input((5, 5, 2))
    inner = keras.Model(inner_in, [L.MaxPooling2D(2)(inner_in), L.AveragePooling2D(3, padding="same")(inner_in)])
    image = keras.Input((5, 5, 2))
    a, b = inner(L.Conv2D(2, 3, padding="same", activation="elu")(image))
    return keras.Model(image, L.Dense(3)(L.Flatten()(L.Add()([a, b]))))


MODELS = {
    "dense": lambda: single(L.Dense(3), (5,)),
    "dense on three axes": lambda: single(L.Dense(3, use_bias=False), (2, 3, 4)),
    "conv 3": lambda: single(L.Conv2D(4, 3), (7, 6, 3)),
    "conv same stride 2 even": lambda: single(L.Conv2D(3, 3, strides=2, padding="same"), (8, 6, 2)),
    "conv same stride 2 odd": lambda: single(L.Conv2D(3, 3, strides=2, padding="same"), (7, 5, 2)),
    "conv same 5 by 2": lambda: single(L.Conv2D(2, (5, 2), strides=(2, 3), padding="same"), (7, 8, 3)),
    "conv 4 same": lambda: single(L.Conv2D(2, 4, padding="same"), (5, 5, 1)),
    "conv dilated": lambda: single(L.Conv2D(2, 3, dilation_rate=2), (7, 8, 2)),
    "conv dilated same": lambda: single(L.Conv2D(2, 3, padding="same", dilation_rate=(2, 3)), (5, 7, 2)),
    "conv groups": lambda: single(L.Conv2D(4, 3, groups=2, activation="relu"), (5, 5, 6)),
    "conv 1 stride 2": lambda: single(L.Conv2D(3, 1, strides=2, use_bias=False), (7, 6, 5)),
    "depthwise": lambda: single(L.DepthwiseConv2D(3), (6, 7, 3)),
    "depthwise same stride 2": lambda: single(
        L.DepthwiseConv2D(3, strides=2, padding="same", depth_multiplier=2), (6, 7, 3)),
    "depthwise 5 dilated": lambda: single(
        L.DepthwiseConv2D(2, dilation_rate=2, padding="same", use_bias=False, activation="relu6"), (5, 5, 2)),
    "max pooling": lambda: single(L.MaxPooling2D(), (7, 6, 2)),
    "max pooling same": lambda: single(L.MaxPooling2D(3, strides=2, padding="same"), (7, 6, 2)),
    "max pooling 1 stride 2": lambda: single(L.MaxPooling2D(1, strides=2), (7, 6, 2)),
    "average pooling": lambda: single(L.AveragePooling2D((3, 2), strides=(1, 3)), (7, 6, 2)),
    "average pooling same": lambda: single(L.AveragePooling2D(3, strides=2, padding="same"), (6, 7, 2)),
    "global average": lambda: single(L.GlobalAveragePooling2D(), (5, 3, 4)),
    "global average kept": lambda: single(L.GlobalAveragePooling2D(keepdims=True), (5, 3, 4)),
    "global max": lambda: single(L.GlobalMaxPooling2D(), (5, 3, 4)),
    "zero padding": lambda: single(L.ZeroPadding2D(((0, 1), (2, 3))), (2, 2, 1)),
    "flatten": lambda: single(L.Flatten(), (2, 3, 2)),
    "reshape": lambda: single(L.Reshape((3, -1)), (2, 6)),
    "batch normalization": lambda: single(L.BatchNormalization(epsilon=1.001e-5), (3, 2, 5)),
    "batch normalization plain": lambda: single(L.BatchNormalization(center=False, scale=False), (5,)),
    "batch normalization without scale": lambda: single(L.BatchNormalization(scale=False), (5,)),
    "dropout": lambda: single(L.Dropout(0.5), (6,)),
    "rectified": lambda: single(L.ReLU(), (9,)),
    "rectified to 0.3": lambda: single(L.ReLU(0.3), (9,)),
    "add": lambda: single(L.Add(), (3, 4), (1, 4), (3, 4)),
    **{
        name: (lambda name: lambda: single(L.Activation(name), (3, 5)))(name)
        for name in ["linear", "relu", "relu6", "elu", "sigmoid", "tanh", "softplus", "softsign", "exponential", "softmax"]
    },
    "residual": residual,
    "separable": separable,
    "two in, two out": two_in_two_out,
    "nested": nested,
}


def write_numbers():
    cases = {}
    for name, build in MODELS.items():
        keras.utils.clear_session()
        model = build()
        for number, variable in enumerate(model.weights):
            # A variance is positive.
            variable.assign(pattern(variable.shape, number) + (1 if variable.name == "moving_variance" else 0))
        inputs = [20 * pattern((3, *x.shape[1:]), 50 + number) for number, x in enumerate(model.inputs)]
        outputs = model(inputs if len(inputs) > 1 else inputs[0], training=False)
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        cases[name] = [
            {"shape": list(y.shape), "values": [float(f"{v:.8g}") for v in np.asarray(y).ravel()]} for y in outputs]
    write("numbers.json", cases)


def write(name, content):
    if isinstance(content, list):
        text = "[\n" + ",\n".join(json.dumps(item) for item in content) + "\n]\n"
    else:
        text = "{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in content.items()) + "\n}\n"
    (FOLDER / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_orders()
    write_numbers()
