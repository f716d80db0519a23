"""openvino_classify.py MODEL.onnx MODE THREADS PICTURE: the least it takes to classify with OpenVINO."""

import json
import sys

import numpy as np
import openvino as ov
from PIL import Image

path, mode, threads, picture = sys.argv[1:]
pixels = np.asarray(Image.open(picture).convert("RGB").resize((224, 224), Image.Resampling.NEAREST), np.float32)
if mode == "caffe":
    pixels = pixels[..., ::-1] - np.array([103.939, 116.779, 123.68], np.float32)
else:
    pixels = pixels / 127.5 - 1
core = ov.Core()
model = core.read_model(path)
model.reshape([1, 3, 224, 224])
compiled = core.compile_model(model, "CPU", {
    "INFERENCE_NUM_THREADS": int(threads), "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"})
scores = compiled([np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])])[0]
best = scores[0].argsort()[::-1][:5]
print(json.dumps({"file": picture, "predictions": [
    {"index": int(index), "probability": float(scores[0][index])} for index in best]}))
