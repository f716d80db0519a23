"""Makes images-extra.h5: generators of pictures with seeds, splines of all orders, operations on pictures.

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install keras==3.15.1 tensorflow-cpu==2.21.0 h5py scipy==1.17.1 pillow
    /tmp/venv/bin/python Tests/Goldens/make_image_cases.py Tests/Goldens/images-extra.h5
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import h5py
import keras
import numpy as np
from keras import ops
from keras.src.legacy.preprocessing import image as legacy

rng = np.random.default_rng(31)
counts = {}


def case(file, function, arguments, inputs, outputs, atol=2e-2, rtol=1e-4):
    counts[function] = counts.get(function, 0) + 1
    group = file.require_group("cases").create_group(f"extra-{function.replace('.', '_')}-{counts[function]:02}")
    group.attrs["kind"] = "image"
    group.attrs["function"] = function
    group.attrs["arguments"] = json.dumps(arguments)
    group.attrs["rtol"], group.attrs["atol"] = rtol, atol
    for folder, arrays in (("inputs", inputs), ("outputs", outputs)):
        for index, array in enumerate(arrays):
            group[f"{folder}/{index}"] = np.asarray(array)


def picture(*shape):
    return rng.integers(0, 256, shape).astype(np.float32)


def warps(file):
    for order in range(6):
        for mode in ["nearest", "constant", "reflect", "wrap"]:
            x = picture(9, 13, 2)
            arguments = {"theta": 37.0, "tx": 3.2, "ty": -4.6, "shear": 11.0, "zx": 1.4, "zy": 0.7}
            y = legacy.apply_affine_transform(
                x, **arguments, row_axis=0, col_axis=1, channel_axis=2, fill_mode=mode, cval=9.0, order=order)
            case(file, "apply_affine_transform", {**arguments, "fill_mode": mode, "cval": 9.0, "order": order}, [x], [y])
    # Far outside, where mirrors and copies repeat.
    for mode in ["reflect", "wrap"]:
        x = picture(4, 5, 1)
        y = legacy.apply_affine_transform(
            x, tx=17.3, ty=-21.8, row_axis=0, col_axis=1, channel_axis=2, fill_mode=mode, order=1)
        case(file, "apply_affine_transform", {"tx": 17.3, "ty": -21.8, "fill_mode": mode, "order": 1}, [x], [y])


GENERATORS = [
    {"rotation_range": 30, "width_shift_range": 0.2, "height_shift_range": 0.1, "shear_range": 10,
     "zoom_range": 0.3, "horizontal_flip": True, "vertical_flip": True, "channel_shift_range": 20.0},
    {"width_shift_range": 3, "height_shift_range": [-2.0, 1.0, 3.0], "zoom_range": [0.8, 1.1], "fill_mode": "reflect"},
    {"width_shift_range": [0.1, 0.3], "height_shift_range": 2.5, "fill_mode": "constant", "cval": 7.0,
     "interpolation_order": 0, "horizontal_flip": True, "rescale": 0.1},
    {"rotation_range": 90, "fill_mode": "wrap", "interpolation_order": 3, "samplewise_center": True,
     "samplewise_std_normalization": True},
]


def generators(file):
    for number, settings in enumerate(GENERATORS):
        generator = legacy.ImageDataGenerator(**settings)
        x = picture(8, 11, 3)
        case(file, "ImageDataGenerator.random_transform", {"generator": settings, "seed": 40 + number}, [x],
             [generator.random_transform(x, seed=40 + number)])
        x, y = picture(7, 6, 5, 3), np.arange(7, dtype=np.int32)
        for shuffle, subset in [(True, None), (False, "training"), (True, "validation")]:
            generator = legacy.ImageDataGenerator(validation_split=0.45, **settings)
            flow = generator.flow(x, y, batch_size=3, shuffle=shuffle, seed=9, subset=subset, ignore_class_split=True)
            outputs = [array for _ in range(2 * len(flow)) for array in next(flow)]
            arguments = {"generator": {**settings, "validation_split": 0.45}, "batch_size": 3, "shuffle": shuffle, "seed": 9}
            if subset:
                arguments["subset"] = subset
            case(file, "ImageDataGenerator.flow", arguments, [x, y], outputs)
    settings = {"featurewise_center": True, "featurewise_std_normalization": True, "rotation_range": 20,
                "horizontal_flip": True, "rescale": 0.01}
    generator = legacy.ImageDataGenerator(**settings)
    x, z = picture(12, 5, 6, 3), picture(2, 5, 6, 3)
    generator.fit(x, augment=True, rounds=2, seed=3)
    case(file, "ImageDataGenerator.fit", {"generator": settings, "augment": True, "rounds": 2, "seed": 3}, [x, z],
         [np.stack([generator.standardize(p.copy()) for p in z]), generator.mean, generator.std], 1e-3)
    settings = {"zca_whitening": True, "zca_epsilon": 0.5}
    generator = legacy.ImageDataGenerator(**settings)
    x, z = picture(60, 3, 3, 3) / 25, picture(2, 3, 3, 3) / 25
    generator.fit(x)
    case(file, "ImageDataGenerator.fit", {"generator": settings}, [x, z],
         [np.stack([generator.standardize(p.copy()) for p in z]), generator.mean, generator.zca_whitening_matrix], 2e-3)


def operations(file):
    x = picture(2, 7, 9, 3)
    for interpolation in ["bilinear", "nearest"]:
        start = np.array([[[0, 0], [8, 0], [0, 6], [8, 6]]] * 2, np.float32)
        end = start + rng.uniform(-2, 2, start.shape).astype(np.float32)
        y = ops.image.perspective_transform(x, start, end, interpolation=interpolation, fill_value=3.0)
        case(file, "ops.image.perspective_transform", {"interpolation": interpolation, "fill_value": 3.0}, [x, start, end], [y])
    for order in [0, 1]:
        for mode in ["constant", "nearest", "wrap", "reflect"]:
            image = picture(6, 8)
            places = rng.uniform(-4, 11, (2, 5, 7)).astype(np.float32)
            y = ops.image.map_coordinates(image, places, order=order, fill_mode=mode, fill_value=2.0)
            case(file, "ops.image.map_coordinates", {"order": order, "fill_mode": mode, "fill_value": 2.0}, [image, places], [y])
    for mode in ["constant", "nearest", "wrap", "reflect"]:
        transform = np.array([[1.3, 0.4, -14.0, -0.6, 1.1, 9.0, 0.01, -0.02]] * 2, np.float32)
        y = ops.image.affine_transform(x, transform, fill_mode=mode, fill_value=5.0)
        case(file, "ops.image.affine_transform", {"fill_mode": mode, "fill_value": 5.0}, [x, transform], [y])
    y = ops.image.gaussian_blur(x, kernel_size=(5, 3), sigma=(0.7, 1.9))
    case(file, "ops.image.gaussian_blur", {"kernel_size": [5, 3], "sigma": [0.7, 1.9]}, [x], [y])
    y = ops.image.extract_patches(x, size=(3, 2), strides=(1, 2), dilation_rate=1, padding="same")
    case(file, "ops.image.extract_patches", {"size": [3, 2], "strides": [1, 2], "padding": "same"}, [x], [y])


with h5py.File(sys.argv[1], "w", libver=("earliest", "v108")) as file:
    file.attrs.update({"format": "golden/1", "family": "images", "keras_version": keras.__version__, "seed": 31})
    warps(file)
    generators(file)
    operations(file)
