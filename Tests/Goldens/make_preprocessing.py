"""Makes layers-preprocessing.h5: preprocessing layers with rarer settings, computed by real Keras.

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install keras==3.15.1 tensorflow-cpu==2.21.0 h5py
    /tmp/venv/bin/python Tests/Goldens/make_preprocessing.py Tests/Goldens/layers-preprocessing.h5
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import h5py
import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(23)
number = 0


def case(file, layer, inputs=None, texts=None, adapt=None, adapt_texts=None, names=None, tolerance=1e-5):
    """Calls the layer as a model would, and writes what it got and gave."""
    global number
    number += 1
    if adapt is not None:
        layer.adapt(adapt)
    if adapt_texts is not None:
        layer.adapt(np.array(adapt_texts))
    # What a file holds before the layer is adapted.
    config = keras.layers.serialize(layer)
    if adapt is not None or adapt_texts is not None:
        for key, value in (("bin_boundaries", None), ("vocabulary_size", None)):
            if key in config["config"] and config["config"].get("num_bins", 1):
                config["config"][key] = value
    if texts is not None:
        x = [np.array(t) for t in texts] if isinstance(layer, layers.HashedCrossing) else np.array(texts)
        y = layer(x)
    elif names:
        y = layer(**dict(zip(names, inputs)))
    else:
        y = layer(inputs[0] if len(inputs) == 1 else inputs)
    group = file.require_group("cases").create_group(f"{type(layer).__name__}-p{number:03}")
    group.attrs["kind"] = "layer"
    group.attrs["config"] = json.dumps(config)
    call = {"training": False}
    if names:
        call["inputs"] = names
    group.attrs["call"] = json.dumps(call)
    y = keras.ops.convert_to_numpy(y) if not hasattr(y, "numpy") else y.numpy()
    size = 1.0 if y.dtype.kind in "OSU" or y.size == 0 else float(np.abs(y.astype(np.float64)).max())
    group.attrs["rtol"] = 1e-5
    group.attrs["atol"] = tolerance * size + 1e-6
    for index, x in enumerate(inputs or []):
        group[f"inputs/{index}"] = x
    if texts is not None:
        group.attrs["texts"] = json.dumps(texts, ensure_ascii=False)
    if adapt is not None:
        group["adapt"] = adapt
    if adapt_texts is not None:
        group.attrs["adapt_texts"] = json.dumps(adapt_texts, ensure_ascii=False)
    if y.dtype.kind in "OSU":
        group.attrs["expect"] = json.dumps(np.vectorize(lambda b: b.decode())(y).tolist(), ensure_ascii=False)
    else:
        group["outputs/0"] = y
    for index, weight in enumerate(layer.weights):
        group[f"weights/{index}"] = weight.numpy()
        group[f"weights/{index}"].attrs["name"] = weight.path


def images(file):
    def pictures(*shape):
        return rng.integers(0, 256, shape).astype(np.float32)

    for interpolation in ["bilinear", "nearest", "bicubic", "lanczos3", "lanczos5", "area"]:
        for antialias in [False, True]:
            for height, width in [(4, 13), (23, 5), (11, 9)]:
                layer = layers.Resizing(height, width, interpolation=interpolation, antialias=antialias)
                case(file, layer, [pictures(2, 11, 9, 3)])
    for interpolation in ["bilinear", "nearest", "bicubic"]:
        case(file, layers.Resizing(3, 4, interpolation), [pictures(7, 9, 3).astype(np.uint8)])
        case(file, layers.Resizing(12, 17, interpolation), [pictures(2, 7, 9, 3).astype(np.int32)])
    for shape in [(2, 5, 12, 1), (2, 12, 5, 1), (1, 3, 3, 2)]:
        for size in [(4, 4), (7, 3), (2, 9)]:
            case(file, layers.Resizing(*size, crop_to_aspect_ratio=True), [pictures(*shape)])
            case(file, layers.Resizing(*size, pad_to_aspect_ratio=True, fill_value=7.0), [pictures(*shape)])
    case(file, layers.Resizing(4, 6, data_format="channels_first", antialias=True), [pictures(3, 11, 9)])
    for shape, size in [((2, 9, 8, 3), (4, 5)), ((2, 9, 8, 3), (12, 5)), ((9, 8, 3), (20, 31)), ((5, 4, 1), (5, 4))]:
        case(file, layers.CenterCrop(*size), [pictures(*shape)])
    case(file, layers.CenterCrop(3, 4), [pictures(2, 6, 7, 1).astype(np.uint8)])


def numbers(file):
    def normal(*shape):
        return rng.normal(size=shape).astype(np.float32)

    case(file, layers.Rescaling(0.5, 3), [rng.integers(0, 9, (2, 3)).astype(np.int32)])
    case(file, layers.Rescaling([1.0, 2.0], 1.0), [normal(3, 2)])
    case(file, layers.Normalization(axis=None), [normal(3, 4)], adapt=normal(40, 4) * 3 + 1)
    case(file, layers.Normalization(axis=None, mean=1.5, variance=0.0), [normal(3, 4)])
    case(file, layers.Normalization(axis=(-1, 1)), [normal(3, 2, 4)], adapt=normal(30, 2, 4))
    case(file, layers.Normalization(axis=(1, 2), mean=[1.0, 2.0, 3.0, 4.0], variance=[1.0, 4.0, 9.0, 16.0]), [normal(3, 2, 4)])
    case(file, layers.Normalization(axis=1, mean=[1.0, 2.0], variance=[1.0, 4.0], invert=True), [normal(3, 2, 4)])
    case(file, layers.Normalization(), [rng.integers(0, 9, (3, 2)).astype(np.int32)], adapt=normal(9, 2))
    for bins, epsilon, count in [(2, 0.01, 1000), (7, 0.1, 333), (10, 0.01, 25), (3, 0.3, 17), (5, 0.05, 1)]:
        case(file, layers.Discretization(num_bins=bins, epsilon=epsilon), [normal(5, 3)], adapt=normal(count, 1))
    case(file, layers.Discretization(num_bins=4, output_mode="one_hot"), [normal(5, 1)], adapt=normal(200))
    case(file, layers.Discretization([0.0, 1.0, 1.0, 2.0], output_mode="count"), [np.array([[0, 1], [2, 3]], np.float32)])
    case(file, layers.Discretization([0.1, 2.0]), [rng.integers(-3, 4, (3, 4)).astype(np.int32)])
    case(file, layers.Discretization([0.0, 0.5], output_mode="multi_hot"), [normal(2, 3, 4)])
    for mode in ["one_hot", "multi_hot", "count"]:
        for shape in [(5,), (3, 4), (2, 3, 4), (2, 3, 1), (1,)]:
            case(file, layers.CategoryEncoding(6, output_mode=mode), [rng.integers(0, 6, shape).astype(np.int64)])
    case(file, layers.CategoryEncoding(3, output_mode="one_hot"), [np.array([0, 2, 3, 9, -1], np.int32)])
    case(file, layers.CategoryEncoding(3, output_mode="multi_hot"), [np.array([[0, 2], [3, 9]], np.int32)])
    case(file, layers.CategoryEncoding(3, output_mode="count"),
         [np.array([[0, 2, 2], [3, 9, 1]], np.int32), np.array([[0.5, 2, 1], [3, 1, 0.25]], np.float32)],
         names=["inputs", "count_weights"])


WORDS = ["", "a", "ab", "abc", "fox", "naïve", "東京", "cafe\u0301", "café", "12345678", "123456789"]


def hashes(file):
    long = [("lorem ipsum dolor sit amet " * 9)[:length] for length in
            [12, 15, 16, 17, 24, 31, 32, 33, 40, 63, 64, 65, 100, 127, 128, 129, 192, 193, 200]]
    case(file, layers.Hashing(1 << 30), texts=[[w] for w in WORDS + long])
    case(file, layers.Hashing(1 << 30, salt=[3, -9]), texts=[[w] for w in WORDS + long])
    case(file, layers.Hashing(97, salt=1337, mask_value="fox"), texts=[[w] for w in WORDS])
    case(file, layers.Hashing(1, mask_value="fox"), texts=[["fox", "a"]])
    big = np.array([[0, -1], [2**62, -(2**63)], [123456789012, 7]], np.int64)
    case(file, layers.Hashing(1 << 20), [big])
    case(file, layers.Hashing(5, output_mode="one_hot"), [rng.integers(0, 90, (4, 1))])
    case(file, layers.Hashing(5, output_mode="multi_hot", mask_value=3), [rng.integers(0, 9, (4, 3))])
    case(file, layers.Hashing(5, output_mode="count"), [rng.integers(0, 9, (6,))])
    case(file, layers.HashedCrossing(1 << 20), [big[:, 0], big[:, 1], big[:, 0]])
    case(file, layers.HashedCrossing(6, output_mode="one_hot"), [rng.integers(0, 9, (5,)), rng.integers(0, 9, (5,))])
    case(file, layers.HashedCrossing(1 << 20), texts=[WORDS, WORDS[::-1], long[:len(WORDS)]])


def lookups(file):
    words = ["the", "fox", "café", "東京"]
    texts = [["fox", "dog", "the"], ["", "東京", "cafe\u0301"], ["bird", "café", "fox"]]
    for mode in ["int", "one_hot", "multi_hot", "count"]:
        case(file, layers.StringLookup(vocabulary=words, output_mode=mode, num_oov_indices=3, salt=[4, 5]), texts=texts)
        case(file, layers.StringLookup(vocabulary=words, output_mode=mode, mask_token="bird", num_oov_indices=2), texts=texts)
        padded = mode != "int" and mode != "one_hot"
        case(file, layers.StringLookup(vocabulary=words, output_mode=mode, max_tokens=9, pad_to_max_tokens=padded), texts=texts)
        case(file, layers.IntegerLookup(vocabulary=[5, -3, 2**40], output_mode=mode, num_oov_indices=4,
                                        oov_method="farmhash", mask_token=7),
             [np.array([[5, 7, 9], [2**40, -3, -4], [2**41, 7, 7]], np.int64)])
        case(file, layers.IntegerLookup(vocabulary=[5, -3, 2**40], output_mode=mode, num_oov_indices=3,
                                        oov_method="farmhash", salt=[1, 2]),
             [np.array([[5, 7, 9], [2**40, -3, -4]], np.int64)])
        case(file, layers.IntegerLookup(vocabulary=[5, 3, 8], output_mode=mode, num_oov_indices=0, mask_token=0),
             [np.array([[5, 0, 8], [3, 3, 0]], np.int64)])
        case(file, layers.IntegerLookup(vocabulary=[5, 3], output_mode=mode), [rng.integers(0, 8, (2, 3, 4))])
    case(file, layers.IntegerLookup(vocabulary=[5, 3], output_mode="one_hot"), [rng.integers(0, 8, (5, 1))])
    case(file, layers.IntegerLookup(vocabulary=[0, -1, -1, 5, 3], num_oov_indices=2, mask_token=0), [rng.integers(-3, 8, (5, 3))])
    case(file, layers.IntegerLookup(vocabulary=[5, 3], mask_token=0, invert=True), [rng.integers(-2, 7, (4, 3))])
    case(file, layers.StringLookup(vocabulary=words, mask_token="", invert=True), [rng.integers(-2, 8, (4, 3))])
    case(file, layers.StringLookup(vocabulary=["[UNK]"] + words, invert=True), [rng.integers(0, 5, (4, 3))])
    case(file, layers.StringLookup(vocabulary=words, idf_weights=[0.5, 1.0, 2.0, 4.0], output_mode="tf_idf",
                                   max_tokens=8, pad_to_max_tokens=True), texts=texts)
    case(file, layers.IntegerLookup(vocabulary=[-1, 4, 9], idf_weights=[9.0, 0.5, 1.0], output_mode="tf_idf"),
         [np.array([[4, 4, 9], [1, 2, 4]], np.int64)])
    learnt = [["a", "b", "b"], ["c", "b", "d"], ["d", "[UNK]", "e"], ["e", "é", "e\u0301"]]
    for max_tokens in [None, 4]:
        for mode in ["int", "count"]:
            case(file, layers.StringLookup(max_tokens=max_tokens, output_mode=mode, mask_token="a"),
                 texts=[["a", "b"], ["d", "e"], ["é", "z"]], adapt_texts=learnt)
        case(file, layers.StringLookup(max_tokens=max_tokens, output_mode="tf_idf"),
             texts=[["a", "b"], ["d", "e"], ["é", "z"]], adapt_texts=learnt)
    case(file, layers.IntegerLookup(output_mode="tf_idf", max_tokens=7, pad_to_max_tokens=True),
         [np.array([[1, 2], [5, 9]], np.int64)], adapt=np.array([[1, 1, 2], [5, 2, -1], [2, 2, 2]], np.int64))
    case(file, layers.IntegerLookup(num_oov_indices=2), [np.array([[1, 2], [5, 9]], np.int64)],
         adapt=np.array([3, 3, 1, 2, 2, 5, 7], np.int64))


if __name__ == "__main__":
    with h5py.File(sys.argv[1], "w", libver=("earliest", "v108")) as output:
        output.attrs["format"] = "golden/1"
        output.attrs["family"] = "layers"
        output.attrs["keras_version"] = keras.__version__
        output.attrs["seed"] = 23
        for make in [images, numbers, hashes, lookups]:
            make(output)
        print(number, "cases")
