"""keras_classify.py MODEL.h5 MODE THREADS PICTURE: the same with Keras on TensorFlow."""

import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras

path, mode, threads, picture = sys.argv[1:]
application = keras.applications.resnet50 if mode == "caffe" else keras.applications.mobilenet
pixels = keras.utils.img_to_array(keras.utils.load_img(picture, target_size=(224, 224)))
model = keras.models.load_model(path, compile=False)
scores = model.predict(application.preprocess_input(pixels[None]), verbose=0)
best = scores[0].argsort()[::-1][:5]
print(json.dumps({"file": picture, "predictions": [
    {"index": int(index), "probability": float(scores[0][index])} for index in best]}))
