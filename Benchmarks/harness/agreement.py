"""agreement.py FOLDER KERAS_COMMAND THREADS: all contestants' answers to the same pictures, against Keras' own.

Prints a JSON object {model: {contestant: {"difference", "same_best"}}}: the largest difference of a probability,
and for how many of the pictures the best class is the same.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import keras
import numpy as np
import onnxruntime as ort
import openvino as ov

from harness.contest import MODE, OURS


def ours(command, folder, model, pictures, precision, threads):
    words = [command, "classify", *pictures, "--model", *OURS[model], "--weights", folder / f"{model}.h5",
             "--top", "1000", "--precision", precision, "--threads", threads, "--json"]
    lines = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=True).stdout
    scores = np.zeros((len(pictures), 1000), np.float32)
    for row, line in zip(scores, lines.splitlines(), strict=True):
        for guess in json.loads(line)["predictions"]:
            row[guess["index"]] = guess["probability"]
    return scores


def openvino(path, pixels, precision):
    core = ov.Core()
    model = core.read_model(path)
    model.reshape(list(pixels.shape))
    return core.compile_model(model, "CPU", {"INFERENCE_PRECISION_HINT": precision})([pixels])[0]


def compare(folder, model, command, threads):
    pictures = sorted(folder.glob("picture*.png"))
    reference = keras.models.load_model(folder / f"{model}.h5", compile=False)
    size = reference.input_shape[1:3]
    pixels = np.stack([
        keras.utils.img_to_array(keras.utils.load_img(path, target_size=size, interpolation="bilinear"))
        for path in pictures])
    if MODE[model]:
        pixels = keras.applications.imagenet_utils.preprocess_input(pixels, mode=MODE[model])
    truth = reference.predict(pixels, verbose=0)
    channels_first = np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))
    path = folder / f"{model}.onnx"
    answers = {
        "ours-float32": ours(command, folder, model, pictures, "float32", threads),
        "ours-bfloat16": ours(command, folder, model, pictures, "bfloat16", threads),
        "onnxruntime": ort.InferenceSession(path).run(None, {"input": channels_first})[0],
        "openvino-float32": openvino(path, channels_first, "f32"),
        "openvino-bfloat16": openvino(path, channels_first, "bf16"),
    }
    return {
        name: {
            "difference": float(np.abs(scores - truth).max()),
            "same_best": int((scores.argmax(1) == truth.argmax(1)).sum()),
            "pictures": len(pictures),
        } for name, scores in answers.items()
    }


def main():
    folder, command, threads = Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    print(json.dumps({model: compare(folder, model, command, threads) for model in OURS}))


if __name__ == "__main__":
    main()
