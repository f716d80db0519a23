"""Makes photo-features.npy: what Keras' MobileNet of a quarter of the width makes of the photographs in a folder.

    v/bin/python make_photo_features.py FOLDER WEIGHTS      (the environment of make_applications.py)

A row for each *.JPEG in the order of the names, [files, 256], float32: what the classifier sees, from
`mobilenet_2_5_224_tf.h5` as it is published and `load_img(target_size=(224, 224))`.
"""

import glob
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np

folder, weights = sys.argv[1:]
model = keras.applications.MobileNet(alpha=0.25, weights=weights)
layer = next(layer for layer in model.layers if isinstance(layer, keras.layers.GlobalAveragePooling2D))
features = keras.Model(model.input, keras.ops.squeeze(layer.output, axis=(1, 2)))
rows = []
for path in sorted(glob.glob(os.path.join(folder, "*.JPEG"))):
    pixels = keras.utils.img_to_array(keras.utils.load_img(path, target_size=(224, 224)))
    pixels = keras.applications.mobilenet.preprocess_input(pixels[np.newaxis])
    rows.append(features(pixels, training=False).numpy()[0])
here = os.path.dirname(os.path.abspath(__file__))
np.save(os.path.join(here, "photo-features.npy"), np.stack(rows).astype(np.float32))
print(len(rows), "photographs")
