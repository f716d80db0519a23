"""Small files in the real formats of Keras' data sets, and what Keras reads from them.

    python make_datasets.py

Writes Tests/KerasDatasetsTests/Fixtures: archives of a few samples, made as the published ones were, and
expected.json, by Keras' own loaders.
"""

import gzip
import io
import json
import os
import pathlib
import pickle
import struct
import tarfile

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import keras
import numpy as np

FOLDER = pathlib.Path(__file__).parent.parent / "KerasDatasetsTests" / "Fixtures"
random = np.random.RandomState(0)


def python2_batch(entries):
    """A pickle as Python 2 wrote CIFAR's: protocol 2, texts as strings of bytes."""
    out = bytearray(b"\x80\x02}q\x01(")

    def text(value):
        return b"U" + bytes([len(value)]) + value if len(value) < 256 else b"T" + struct.pack("<i", len(value)) + value

    def value(item):
        if isinstance(item, bytes):
            return text(item)
        if isinstance(item, list):
            return b"](" + b"".join(value(i) for i in item) + b"e"
        if isinstance(item, int):
            return b"K" + bytes([item])
        rows, columns = item.shape
        head = b"cnumpy.core.multiarray\n_reconstruct\nq\x07cnumpy\nndarray\nq\x08K\x00\x85U\x01b\x87Rq\t(K\x01"
        shape = b"M" + struct.pack("<H", rows) + b"M" + struct.pack("<H", columns) + b"\x86"
        kind = b"cnumpy\ndtype\nq\nU\x02u1K\x00K\x01\x87Rq\x0b(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        return head + shape + kind + b"\x89" + text(item.tobytes()) + b"tb"

    for key, item in entries.items():
        out += text(key) + value(item)
    return bytes(out + b"u.")


def add(tar, name, data):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    tar.addfile(info, io.BytesIO(data))


def pictures(count):
    return random.randint(0, 256, (count, 3072)).astype("uint8")


def make_cifar():
    with tarfile.open(FOLDER / "cifar-10-python.tar.gz", "w:gz") as tar:
        for number in range(1, 6):
            batch = {b"batch_label": b"training batch", b"labels": [number, 9], b"data": pictures(2), b"filenames": [b"a.png", b"b.png"]}
            add(tar, f"cifar-10-batches-py/data_batch_{number}", python2_batch(batch))
        add(tar, "cifar-10-batches-py/readme.html", b"<html>")
        batch = {b"batch_label": b"testing batch", b"labels": [7], b"data": pictures(1), b"filenames": [b"c.png"]}
        add(tar, "cifar-10-batches-py/test_batch", python2_batch(batch))
    with tarfile.open(FOLDER / "cifar-100-python.tar.gz", "w:gz") as tar:
        for name, count in [("train", 3), ("test", 1)]:
            batch = {b"filenames": [b"a.png"] * count, b"batch_label": b"x", b"fine_labels": [99] * count,
                     b"coarse_labels": [4] * count, b"data": pictures(count)}
            add(tar, f"cifar-100-python/{name}", python2_batch(batch))


def objects(lists):
    array = np.empty(len(lists), dtype=object)
    array[:] = lists
    return array


def save_lists(path, arrays, protocol):
    """An .npz as NumPy writes it, with the pickles' protocol chosen."""
    import zipfile

    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            out = io.BytesIO()
            np.lib.format.write_array_header_1_0(out, np.lib.format.header_data_from_array_1_0(array))
            if array.dtype == object:
                out.write(pickle.dumps(array, protocol=protocol))
            else:
                out.write(array.tobytes())
            archive.writestr(name + ".npy", out.getvalue())


def sentences(count, longest):
    return [[int(w) for w in random.randint(1, 40, random.randint(1, longest))] for _ in range(count)]


def make_lists():
    arrays = {"x_train": objects(sentences(9, 12)), "y_train": random.randint(0, 2, 9),
              "x_test": objects(sentences(6, 12)), "y_test": random.randint(0, 2, 6)}
    save_lists(FOLDER / "imdb.npz", arrays, 3)
    arrays = {"x": objects(sentences(11, 300)), "y": random.randint(0, 46, 11)}
    save_lists(FOLDER / "reuters.npz", arrays, 4)
    (FOLDER / "imdb_word_index.json").write_text(json.dumps({"the": 1, "naïve": 2, "café": 3}))


def make_numbers():
    np.savez(FOLDER / "boston_housing.npz", x=random.rand(12, 13), y=random.rand(12))
    for name, shape in [("train-labels-idx1", (3,)), ("train-images-idx3", (3, 28, 28)),
                        ("t10k-labels-idx1", (2,)), ("t10k-images-idx3", (2, 28, 28))]:
        head = struct.pack(">I", 0x0800 + len(shape)) + b"".join(struct.pack(">I", n) for n in shape)
        data = random.randint(0, 10, shape).astype("uint8").tobytes()
        with gzip.GzipFile(FOLDER / f"{name}-ubyte.gz", "wb", mtime=0) as file:
            file.write(head + data)


def summary(parts):
    """What is compared: lists as they are, arrays by shape, a weighted sum and their first numbers."""

    def one(x):
        if getattr(x, "dtype", None) == object or isinstance(x, list):
            return [[int(w) for w in text] for text in x]
        x = np.asarray(x)
        flat = x.ravel().astype("float64")
        weights = np.arange(1, flat.size + 1) % 1000
        return {"shape": list(x.shape), "sum": float((flat * weights).sum()), "first": flat[:8].tolist()}

    return [[one(x), one(y)] for x, y in parts]


def expect():
    from keras.src.datasets import boston_housing, cifar10, cifar100, fashion_mnist, imdb, reuters

    def get_file(fname=None, origin=None, extract=False, **_):
        name = os.path.basename(origin)
        if not extract:
            return str(FOLDER / name)
        folder = pathlib.Path("/tmp") / ("keras-fixture-" + name)
        with tarfile.open(FOLDER / name) as tar:
            tar.extractall(folder)
        return str(folder)

    for module in [boston_housing, cifar10, cifar100, fashion_mnist, imdb, reuters]:
        module.get_file = get_file
    # Keras wants all 50,000 pictures; the fixture has two a batch.
    wanted = {}
    found = []
    for number in range(1, 6):
        folder = "/tmp/keras-fixture-cifar-10-python.tar.gz/cifar-10-batches-py"
        get_file(origin="cifar-10-python.tar.gz", extract=True)
        found.append(cifar10.load_batch(f"{folder}/data_batch_{number}"))
    x = np.concatenate([x for x, _ in found]).transpose(0, 2, 3, 1)
    y = np.concatenate([y for _, y in found]).reshape(-1, 1)
    tx, ty = cifar10.load_batch(f"{folder}/test_batch")
    wanted["cifar10"] = summary([(x, y), (tx.transpose(0, 2, 3, 1), np.reshape(ty, (-1, 1)))])
    wanted["cifar100_coarse"] = summary(cifar100.load_data("coarse"))
    wanted["cifar100_fine"] = summary(cifar100.load_data())
    wanted["fashion_mnist"] = summary(fashion_mnist.load_data())
    wanted["boston_housing"] = summary(boston_housing.load_data())
    wanted["boston_housing_half"] = summary(boston_housing.load_data(test_split=0.5, seed=7))
    settings = {
        "default": {}, "limited": dict(num_words=20, skip_top=5), "short": dict(maxlen=9, seed=5),
        "gaps": dict(num_words=30, oov_char=None), "bare": dict(start_char=None, index_from=0),
        "shifted": dict(start_char=7, index_from=10, oov_char=9, num_words=25),
    }
    for name, arguments in settings.items():
        wanted["imdb_" + name] = summary(imdb.load_data(**arguments))
        if name != "short":
            wanted["reuters_" + name] = summary(reuters.load_data(**arguments))
    wanted["reuters_third"] = summary(reuters.load_data(test_split=1 / 3, maxlen=150))
    (FOLDER / "expected.json").write_text(json.dumps(wanted, indent=1))


if __name__ == "__main__":
    FOLDER.mkdir(parents=True, exist_ok=True)
    make_cifar()
    make_lists()
    make_numbers()
    expect()
    print(keras.__version__, np.__version__)
