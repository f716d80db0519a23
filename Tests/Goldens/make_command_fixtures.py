"""Makes the fixtures of Tests/KerasCommandTests: a very small MobileNet, pictures, and what Keras makes of them.

    python -m venv env && env/bin/pip install keras==3.15.1 tensorflow-cpu h5py==3.14.0 pillow
    env/bin/python Tests/Goldens/make_command_fixtures.py

The model is MobileNet(alpha=1/16, input_shape=(32, 32, 3), classes=4). Its kernels are a formula, its moving
statistics those of the pictures, so that its answers differ from picture to picture.
"""

import json
import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import h5py
import keras
import numpy as np
from keras.src.legacy.saving import legacy_h5_format
from PIL import Image

folder = pathlib.Path(__file__).parent.parent / "KerasCommandTests" / "Fixtures"
pictures = folder / "Pictures"
pictures.mkdir(parents=True, exist_ok=True)


def stripes(y, x):
    return np.stack([255 * (x % 8 < 4), 255 * (y % 16 < 8), 0 * x], -1)


def slope(y, x):
    return np.stack([5 * x, 6 * y, 255 - 5 * x], -1)


def disc(y, x):
    inside = (y - 20) ** 2 + (x - 24) ** 2 < 200
    return np.stack([220 * inside, 60 + 40 * inside, 255 * ~inside], -1)


for name, draw in {"disc.png": disc, "slope.jpg": slope, "stripes.png": stripes}.items():
    y, x = np.mgrid[0:40, 0:48]
    Image.fromarray(np.clip(draw(y, x), 0, 255).astype("uint8")).save(pictures / name, quality=90)

model = keras.applications.MobileNet(alpha=1 / 16, input_shape=(32, 32, 3), classes=4, weights=None)
for number, layer in enumerate(model.layers):
    for weight in layer.weights:
        if weight.name == "kernel":
            values = np.sin(1.7 * np.arange(int(np.prod(weight.shape))) ** 1.5 + number).reshape(weight.shape)
            weight.assign((0.3 if layer.name == "conv_preds" else 1) * values.astype("float32"))
        elif weight.name == "beta":
            weight.assign(np.full(weight.shape, 0.5, "float32"))
    if isinstance(layer, keras.layers.BatchNormalization):
        layer.momentum = 0.0


def batch(path):
    image = keras.utils.load_img(path, target_size=(32, 32))
    return keras.applications.mobilenet.preprocess_input(keras.utils.img_to_array(image)[None])


paths = sorted(pictures.iterdir())
model(np.concatenate([batch(path) for path in paths]), training=True)

with h5py.File(folder / "tiny.h5", "w", libver="latest") as file:
    legacy_h5_format.save_weights_to_hdf5_group(file, model)

expected = {path.name: [float(p) for p in model.predict(batch(path), verbose=0)[0]] for path in paths}
(folder / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
(folder / "classes.txt").write_text('striped\nround\nslanted\n"odd", one\n')
