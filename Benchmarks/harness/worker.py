"""worker.py KIND MODELS NAME BATCH THREADS: one contestant, predicting when asked (see turns.py for the protocol)."""

import json
import os
import sys
import time
from pathlib import Path

kind, folder, name, batch, threads = sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), int(sys.argv[5])
os.environ["OPENBLAS_NUM_THREADS"] = os.environ["OMP_NUM_THREADS"] = str(threads)
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import numpy as np

from turns import take_turns

# Products of square matrices, in a row: the rate at which the machine multiplies at best.
PEAK_SIZE, PEAK_PRODUCTS = 2048, {"peak-float32": 1, "peak-bfloat16": 8}


def pixels(channels_first):
    size = json.loads((folder / "models.json").read_text()).get(name, {}).get("size", 224)
    values = np.random.default_rng(7).uniform(-1, 1, (batch, size, size, 3)).astype(np.float32)
    return np.ascontiguousarray(values.transpose(0, 3, 1, 2)) if channels_first else values


def onnxruntime(spinning):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    options.add_free_dimension_override_by_name("batch", batch)
    options.add_session_config_entry("session.intra_op.allow_spinning", "1" if spinning else "0")
    session = ort.InferenceSession(folder / f"{name}.onnx", options, providers=["CPUExecutionProvider"])
    binding = session.io_binding()
    binding.bind_cpu_input("input", pixels(channels_first=True))
    output = ort.OrtValue.ortvalue_from_shape_and_type([batch, 1000], np.float32)
    binding.bind_ortvalue_output(session.get_outputs()[0].name, output)
    return lambda: session.run_with_iobinding(binding)


def openvino(model, values, precision):
    import openvino as ov

    compiled = ov.Core().compile_model(model, "CPU", {
        "INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision})
    request = compiled.create_infer_request()
    request.set_input_tensor(ov.Tensor(values))
    return request.infer


def openvino_model(precision):
    import openvino as ov

    model = ov.Core().read_model(folder / f"{name}.onnx")
    values = pixels(channels_first=True)
    model.reshape(list(values.shape))
    return openvino(model, values, precision)


def pytorch():
    """The faster of what PyTorch offers for a trained network: channels last, or optimized for inference."""
    import torch
    from onnx2torch import convert

    torch.set_num_threads(threads)
    values = torch.from_numpy(pixels(channels_first=True))
    model = convert(folder / f"{name}.onnx").eval()

    def frozen(values):
        return torch.jit.freeze(torch.jit.trace(model, values))

    last = values.contiguous(memory_format=torch.channels_last)
    with torch.no_grad():
        ways = [(frozen(last), last), (torch.jit.optimize_for_inference(frozen(values)), values)]

        def seconds(way):
            for _ in range(2):
                way[0](way[1])
            start = time.perf_counter()
            way[0](way[1])
            return time.perf_counter() - start

        program, given = min(ways, key=seconds)

    def predict():
        with torch.no_grad():
            program(given)

    return predict


def keras():
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    import keras

    model = keras.models.load_model(folder / f"{name}.h5", compile=False)
    values = pixels(channels_first=False)
    return lambda: model.predict(values, batch_size=batch, verbose=0)


def peak_float32():
    left, right = np.random.default_rng(3).uniform(-1, 1, (2, PEAK_SIZE, PEAK_SIZE)).astype(np.float32)
    product = np.empty_like(left)
    return lambda: np.matmul(left, right, out=product)


def peak_bfloat16():
    import openvino as ov

    random = np.random.default_rng(3)
    shape = [PEAK_SIZE, PEAK_SIZE]
    parameter = node = ov.opset13.parameter(shape, np.float32)
    for _ in range(PEAK_PRODUCTS[kind]):
        factor = random.normal(0, PEAK_SIZE**-0.5, shape).astype(np.float32)
        node = ov.opset13.matmul(node, ov.opset13.constant(factor), False, False)
    values = random.uniform(-1, 1, shape).astype(np.float32)
    return openvino(ov.Model([node], [parameter]), values, "bf16")


KINDS = {
    "onnxruntime": lambda: onnxruntime(spinning=True),
    "onnxruntime-passive": lambda: onnxruntime(spinning=False),
    "openvino-float32": lambda: openvino_model("f32"),
    "openvino-bfloat16": lambda: openvino_model("bf16"),
    "pytorch": pytorch,
    "keras": keras,
    "peak-float32": peak_float32,
    "peak-bfloat16": peak_bfloat16,
}


def main():
    started = time.perf_counter()
    predict = KINDS[kind]()
    predict()
    take_turns(started, predict)


if __name__ == "__main__":
    main()
