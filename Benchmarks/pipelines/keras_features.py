"""keras_features.py MODEL.h5 MODE THREADS FOLDER OUT.npy: features of a folder's JPEGs with Keras and tf.data."""

import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

path, mode, threads, folder, out = sys.argv[1:]
tf.config.threading.set_intra_op_parallelism_threads(int(threads))
model = keras.models.load_model(path, compile=False)
before_classes = next(
    layer for layer in reversed(model.layers) if isinstance(layer, keras.layers.GlobalAveragePooling2D))
extractor = keras.Model(model.input, before_classes.output)
height, width = model.input_shape[1:3]


def pixels(file):
    # As keras.utils.load_img: nearest neighbours.
    image = tf.io.decode_jpeg(tf.io.read_file(file), channels=3)
    return tf.cast(tf.image.resize(image, (height, width), method="nearest"), tf.float32)


def preprocessed(images):
    return keras.applications.imagenet_utils.preprocess_input(images, mode=mode) if mode != "None" else images


files = sorted(str(file) for file in Path(folder).iterdir())
data = tf.data.Dataset.from_tensor_slices(files).map(pixels, num_parallel_calls=tf.data.AUTOTUNE)
data = data.batch(32).map(preprocessed).prefetch(tf.data.AUTOTUNE)
np.save(out, extractor.predict(data, verbose=0))
