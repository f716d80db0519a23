"""Makes the HDF5 fixtures of Tests/KerasFilesTests.

    python -m venv env && env/bin/pip install h5py==3.14.0 numpy==2.4.6
    env/bin/python Tests/Goldens/make_hdf5_fixtures.py

Every file is small and made of formulas: array number n of a file holds sin(0.1 i + n). `sums.json` has what
h5py reads back. Bytes may differ with other versions of the HDF5 library; the contents do not.
"""

import json
import pathlib

import h5py
import numpy as np

folder = pathlib.Path(__file__).parent.parent / "KerasFilesTests" / "Fixtures"
sums = {}


def values(number, *shape, dtype="float32"):
    count = int(np.prod(shape))
    return np.sin(0.1 * np.arange(count) + number).reshape(shape).astype(dtype)


def fixed(group, attribute, names):
    """A list of fixed-length byte strings; an empty one becomes an empty array of floats."""
    data = np.array([n.encode() for n in names]) if names else np.array([])
    group.attrs.create(attribute, data, dtype=data.dtype)


def layer(group, name, arrays, names=None, **options):
    """A layer as Keras' save_weights stores it: a group, its list of names, its arrays."""
    child = group.require_group(name)
    names = names or list(arrays)
    fixed(child, "weight_names", names)
    for weight in names:
        child.create_dataset(weight, data=arrays[weight], **options)


def small_network(group, **options):
    layer(group, "input_1", {})
    layer(group, "conv1", {"conv1/kernel:0": values(0, 3, 3, 1, 4), "conv1/bias:0": values(1, 4)}, **options)
    layer(group, "conv1_bn", {f"conv1_bn/{n}:0": values(2 + i, 4) for i, n in enumerate(
        ["gamma", "beta", "moving_mean", "moving_variance"])}, **options)
    layer(group, "predictions", {"predictions/kernel:0": values(6, 4, 10), "predictions/bias:0": values(7, 10)},
          **options)
    fixed(group, "layer_names", ["input_1", "conv1", "conv1_bn", "predictions"])
    group.attrs["backend"] = np.bytes_(b"tensorflow")
    group.attrs["keras_version"] = np.bytes_(b"2.2.4")


def record(name, file):
    """Shapes, types and sums of all arrays, as h5py reads them."""
    rows = {}

    def visit(path, item):
        if isinstance(item, h5py.Dataset) and item.dtype.kind in "fiub":
            data = item[()]
            dtype = str(item.dtype.newbyteorder("="))
            rows[path] = {"shape": item.shape, "type": dtype, "sum": float(np.sum(data, dtype=np.float64))}

    file.visititems(visit)
    sums[name] = rows


def fixture(name, **options):
    class Writer:
        def __enter__(self):
            self.file = h5py.File(folder / name, "w", **options)
            return self.file

        def __exit__(self, *_):
            self.file.close()
            with h5py.File(folder / name) as file:
                record(name, file)

    return Writer()


folder.mkdir(exist_ok=True)
for old in folder.glob("*"):
    old.unlink()

# What Keras 2 writes: fixed-length byte strings.
with fixture("weights.h5") as f:
    small_network(f)

# What Keras 3 writes to .h5: variable-length strings, names without ":0".
with fixture("variable_strings.h5") as f:
    names = ["dense/kernel", "dense/bias"]
    child = f.create_group("dense")
    child.attrs["weight_names"] = names
    child.create_dataset(names[0], data=values(0, 2, 3))
    child.create_dataset(names[1], data=values(1, 3))
    f.create_group("dropout").attrs["weight_names"] = []
    f.attrs["layer_names"] = ["dense", "dropout"]
    f.attrs["keras_version"] = "3.15.1"
    f.attrs["backend"] = "tensorflow"
    f.attrs["ünïcode"] = "größe"
    f.create_group("top_level_model_weights").attrs["weight_names"] = []

# A whole model: its configuration in the string heap, optimizer state beside the weights.
with fixture("model.h5") as f:
    f.attrs["model_config"] = json.dumps({"class_name": "Sequential", "config": {"padding": "x" * 1_600}})
    f.attrs["training_config"] = json.dumps({"loss": "mse"})
    f.attrs["keras_version"] = "2.15.0"
    f.attrs["backend"] = "tensorflow"
    weights = f.create_group("model_weights")
    layer(weights, "conv1", {"conv1/kernel:0": values(0, 3, 3, 1, 4), "conv1/bias:0": values(1, 4)})
    fixed(weights, "layer_names", ["conv1"])
    layer(f, "optimizer_weights", {"iteration:0": np.int64(7), "Adam/m/conv1/bias:0": values(8, 4)})

# Layer names with "/" (DenseNet), weights under several names (a wrapper), a nested model.
with fixture("nested.h5") as f:
    layer(f, "conv1/conv", {"conv1/conv/kernel:0": values(0, 1, 1, 2, 2)})
    layer(f, "conv1/bn", {"conv1/bn/gamma:0": values(1, 2), "conv1/bn/beta:0": values(2, 2)})
    layer(f, "bi", {f"bi/{d}_lstm/lstm_cell/{n}:0": values(3 + i, 2, 2) for i, (d, n) in enumerate(
        [(d, n) for d in ("forward", "backward") for n in ("kernel", "bias")])})
    layer(f, "sub", {"inner_a/kernel:0": values(9, 2), "inner_b/kernel:0": values(10, 2)})
    fixed(f, "layer_names", ["conv1/conv", "conv1/bn", "bi", "sub"])

# Lists of names in pieces, as Keras writes those that exceed 64,512 bytes.
with fixture("pieces.h5") as f:
    names = [f"layer_{i}" for i in range(3)]
    for i, name in enumerate(names):
        child = f.create_group(name)
        fixed(child, "weight_names0", ["kernel:0"])
        fixed(child, "weight_names1", ["bias:0"])
        child.create_dataset("kernel:0", data=values(i, 2))
        child.create_dataset("bias:0", data=values(i, 1))
    for i, name in enumerate(names):
        fixed(f, f"layer_names{i}", [name])

# Keras 1: no version, names that say nothing about the layer's parts.
with fixture("keras1.h5") as f:
    layer(f, "block1_conv1", {"block1_conv1_W_1:0": values(0, 3, 3, 1, 2), "block1_conv1_b_1:0": values(1, 2)})
    layer(f, "block1_pool", {})
    fixed(f, "layer_names", ["block1_conv1", "block1_pool"])

# Chunks that do not divide the shape, with every filter; and one that was never written in full.
with fixture("chunked.h5") as f:
    f.create_dataset("gzip", data=values(1, 10, 20), chunks=(4, 9), compression="gzip")
    f.create_dataset("all", data=values(2, 10, 20), chunks=(4, 9), compression="gzip", shuffle=True, fletcher32=True)
    f.create_dataset("plain", data=values(0, 5, 6, 7), chunks=(2, 4, 3))
    f.create_dataset("many", data=values(4, 140), chunks=(2,))
    sparse = f.create_dataset("sparse", shape=(20,), dtype="float32", chunks=(4,), fillvalue=2.5)
    sparse[8:12] = values(5, 4)
    f.create_dataset("unwritten", shape=(3,), dtype="float32", fillvalue=1.5)
    f.create_dataset("lzf", data=values(6, 20), chunks=(10,), compression="lzf")

# Every element type.
with fixture("types.h5") as f:
    for dtype in ["float16", "float32", "float64", "int8", "int16", "int32", "int64",
                  "uint8", "uint16", "uint32", "uint64"]:
        data = np.array([0, 1, 2, 100] if dtype[0] == "u" else [0, 1, -2, 100], dtype)
        f.create_dataset(dtype, data=data)
        f.create_dataset("big_" + dtype, data=data.astype(data.dtype.newbyteorder(">")))
    f.create_dataset("bool", data=np.array([True, False, True]))
    f.create_dataset("scalar", data=np.float32(3.5))
    f.create_dataset("empty", data=np.zeros((0, 4), "float32"))
    f.create_dataset("text", data="not a number")
    f.create_dataset("complex", data=np.array([1j], "complex64"))
    f.create_dataset("compact", data=np.float32([1, 2]))
    f.attrs["integer"] = 7
    f.attrs["real"] = 0.5
    f.attrs["reals"] = np.array([[1.0, 2.0], [3.0, 4.0]])
    f.attrs["flag"] = True
    f.attrs["nothing"] = h5py.Empty("float32")
    f.attrs["complex"] = 1j
    f.attrs.create("spaces", np.bytes_(b"ab  "))
    f.attrs.create("ascii", ["a", "bc", ""], dtype=h5py.string_dtype("ascii"))
    f.attrs.create("fixed_utf8", "größe".encode(), dtype=h5py.string_dtype("utf-8", 9))
with h5py.File(folder / "types.h5", "a") as f:
    plist = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    plist.set_layout(h5py.h5d.COMPACT)
    del f["compact"]
    space = h5py.h5s.create_simple((2,))
    h5py.h5d.create(f.id, b"compact", h5py.h5t.IEEE_F32LE, space, plist).write(
        h5py.h5s.ALL, h5py.h5s.ALL, np.float32([1, 2]))

# The newer layout: few links in the header, many in a heap; attributes likewise, one larger than a heap block.
with fixture("latest.h5", libver="latest") as f:
    names = [f"dense_{i:03}" for i in range(12)]
    for i, name in enumerate(names):
        layer(f, name, {"kernel:0": values(i, 2)})
    fixed(f, "layer_names", names)
    f.attrs["keras_version"] = np.bytes_(b"2.2.4")
    for i in range(12):
        f.attrs[f"note_{i}"] = f"{i}" * 20
    f.attrs["long"] = np.bytes_(b"y" * 4500)

# Links that are not followed, a cycle, two names of one thing.
with fixture("links.h5") as f:
    f.create_dataset("a/data", data=values(0, 3))
    f["a/again"] = f["a"]
    f["twice"] = f["a/data"]
    f["soft"] = h5py.SoftLink("/a/data")
    f["loop"] = h5py.SoftLink("/loop")
    outside = f.create_group("outside")
    outside["external"] = h5py.ExternalLink("/etc/hostname", "/x")
    outside["inside"] = f["a/data"]

# Numbers that are elsewhere.
with fixture("elsewhere.h5") as f:
    f.create_dataset("external", shape=(4,), dtype="float32", external=[("/etc/hostname", 0, 16)])
    f.create_dataset("source", data=values(0, 4))
    virtual = h5py.VirtualLayout((4,), "float32")
    virtual[:] = h5py.VirtualSource(".", "source", (4,))
    f.create_virtual_dataset("virtual", virtual)


# Weights of other types.
with fixture("half.h5") as f:
    layer(f, "dense", {"kernel:0": values(0, 2, 3, dtype="float16"), "bias:0": values(1, 3, dtype="float64")})
    layer(f, "counter", {"count:0": np.int64(5)})
    fixed(f, "layer_names", ["dense", "counter"])

(folder / "sums.json").write_text(json.dumps(sums, sort_keys=True) + "\n")
