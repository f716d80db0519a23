"""onnxruntime_classify.py MODEL.onnx MODE THREADS PICTURE: the least it takes to classify with ONNX Runtime."""

import json
import sys

import numpy as np
import onnxruntime as ort
from PIL import Image

path, mode, threads, picture = sys.argv[1:]
pixels = np.asarray(Image.open(picture).convert("RGB").resize((224, 224), Image.Resampling.NEAREST), np.float32)
if mode == "caffe":
    pixels = pixels[..., ::-1] - np.array([103.939, 116.779, 123.68], np.float32)
else:
    pixels = pixels / 127.5 - 1
options = ort.SessionOptions()
options.intra_op_num_threads = int(threads)
session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
(scores,) = session.run(None, {"input": np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])})
best = scores[0].argsort()[::-1][:5]
print(json.dumps({"file": picture, "predictions": [
    {"index": int(index), "probability": float(scores[0][index])} for index in best]}))
