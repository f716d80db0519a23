"""Makes operations.json: models of Keras' operations, as Keras 3 describes them, and what they compute.

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install keras==3.15.1 tensorflow-cpu==2.21.0
    /tmp/venv/bin/python Tests/Goldens/make_operations.py Tests/Goldens/operations.json

Inputs are not stored: element i of input number n of a batch of two is 4 · (((37 i + 101 n + 11) mod 97) / 97 - 0.5),
and of an input of integers (37 i + 101 n + 11) mod 97 mod 3.
"""
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import ops  # noqa: E402

M = (3, 4)
P = (5, 6, 2)
K = np.linspace(-1, 1, 3 * 3 * 2 * 3).reshape(3, 3, 2, 3).astype("float32")
cases = []


def data(shape, dtype, number):
    shape = (2,) + tuple(shape)
    i = np.arange(int(np.prod(shape)), dtype=np.int64)
    step = (i * 37 + number * 101 + 11) % 97
    if dtype == "int32":
        return (step % 3).astype("int32").reshape(shape)
    return (4 * (step / 97 - 0.5)).astype("float32").reshape(shape)


def case(name, function, *shapes, ints=()):
    keras.backend.clear_session()
    types = ["int32" if n in ints else "float32" for n in range(len(shapes))]
    inputs = [keras.Input(s, dtype=t, name=f"in{n}") for n, (s, t) in enumerate(zip(shapes, types))]
    outputs = function(*inputs)
    model = keras.Model(inputs, outputs, name="model")
    values = [data(s, t, n) for n, (s, t) in enumerate(zip(shapes, types))]
    results = model(values)
    results = [np.asarray(r) for r in (results if isinstance(results, (list, tuple)) else [results])]
    cases.append({
        "name": name, "model": json.loads(model.to_json()),
        "outputs": [{"shape": list(r.shape), "dtype": str(r.dtype),
                     "values": [float(f"{v:.9g}") for v in r.astype("float64").ravel()]} for r in results]})


# Arithmetic, also with numbers in place of tensors.
case("add", lambda a, b: a + b, M, M)
case("add broadcast", lambda a, b: a + b, M, (1, 4))
case("add number", lambda a: a + 1, M)
case("subtract from number", lambda a: 1.5 - a, M)
case("multiply array", lambda a: a * np.arange(4, dtype="float32"), M)
case("multiply tensor", lambda a: a * ops.convert_to_tensor([1.0, 2.0, 3.0, 4.0]), M)
case("true_divide", lambda a, b: a / (b + 3), M, M)
case("divide integers", lambda a, b: ops.divide(a, b + 1), M, M, ints=(0, 1))
case("integer plus float", lambda a, b: a + b, M, M, ints=(0,))
case("integer times fraction", lambda a: a * 0.5, M, ints=(0,))
case("power", lambda a: ops.absolute(a) ** 1.5, M)
case("number to the power", lambda a: 2**a, M)
case("floor_divide", lambda a: a // 0.75, M)
case("mod", lambda a: a % 0.75, M)
case("negative", lambda a: -a, M)
case("maximum", lambda a: ops.maximum(a, 0.5), M)
case("minimum", lambda a, b: ops.minimum(a, b), M, M)
case("arctan2", lambda a, b: ops.arctan2(a, b), M, M)
case("divide_no_nan", lambda a, b: ops.divide_no_nan(a, ops.relu(b)), M, M)
for name in ["abs", "square", "sign", "floor", "ceil", "exp", "expm1", "sin", "cos", "tan", "arctan", "sinh", "cosh",
             "tanh", "erf", "reciprocal"]:
    case(name, lambda a: getattr(ops, name)(a), M)
for name in ["sqrt", "rsqrt", "log", "log1p"]:
    case(name, lambda a: getattr(ops, name)(ops.abs(a) + 0.25), M)
for name in ["arcsin", "arccos"]:
    case(name, lambda a: getattr(ops, name)(a / 4), M)
case("sqrt of integers", lambda a: ops.sqrt(a), M, ints=(0,))
case("round", lambda a: ops.round(a), M)
case("round decimals", lambda a: ops.round(a, decimals=1), M)
case("round to tens", lambda a: ops.round(a * 20, decimals=-1), M)
case("clip", lambda a: ops.clip(a, -1, 0.5), M)
for name in ["relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "hard_silu", "sigmoid",
             "hard_sigmoid", "sparse_sigmoid", "log_sigmoid", "hard_tanh", "tanh_shrink", "soft_shrink", "hard_shrink",
             "softplus", "squareplus", "sparse_plus", "softsign", "glu", "sparsemax", "softmax", "log_softmax"]:
    case(name, lambda a: getattr(ops, name)(a * 2), M)
case("leaky_relu slope", lambda a: ops.leaky_relu(a, 0.35), M)
case("gelu exact", lambda a: ops.gelu(a, approximate=False), M)
case("threshold", lambda a: ops.threshold(a, 0.5, -1.0), M)
case("softmax axis", lambda a: ops.softmax(a, axis=1), M)
case("softmax of all", lambda a: ops.softmax(a, axis=None), M)

# Comparisons and choices.
case("compare", lambda a, b: [ops.equal(a, b), a != b, a < b, a <= b, a > b, a >= b], M, M)
case("logical", lambda a, b: [(a > 0) & (b > 0), (a > 0) | (b > 0), (a > 0) ^ (b > 0), ~(a > 0)], M, M)
case("where", lambda a, b: ops.where(a > 0, a, b), M, M)
case("where number", lambda a: ops.where(a > 0, a, 0.0), M)
case("isnan", lambda a: ops.isnan(a / ops.zeros_like(a)), M)

# Reductions.
for name in ["sum", "mean", "prod", "max", "min", "amax", "amin", "var", "std", "logsumexp"]:
    case(name, lambda a: [getattr(ops, name)(a), getattr(ops, name)(a, axis=1), getattr(ops, name)(a, axis=(1, -1), keepdims=True)], M)
case("mean of integers", lambda a: ops.mean(a, axis=1), M, ints=(0,))
case("sum of truth", lambda a: ops.sum(a > 0, axis=1), M)
case("max initial", lambda a: ops.max(a, axis=1, initial=1.0), M)
case("any all", lambda a: [ops.any(a > 1, axis=[1]), ops.all(a > -1, axis=2, keepdims=True)], M)
case("count_nonzero", lambda a: [ops.count_nonzero(a, axis=1), ops.count_nonzero(a)], M, ints=(0,))
case("norm", lambda a: [ops.norm(a, axis=-1), ops.norm(a, axis=(1, 2)), ops.norm(a, ord="fro", axis=(1, 2)),
                        ops.norm(a, ord=1, axis=1, keepdims=True), ops.norm(a, ord=np.inf, axis=-1), ops.norm(a, ord=3, axis=-1)], M)
case("normalize", lambda a: [ops.normalize(a), ops.normalize(a, axis=1, order=1)], M)
case("argmax", lambda a: [ops.argmax(a), ops.argmax(a, axis=-1), ops.argmin(a, axis=1, keepdims=True), ops.argmax(a, keepdims=True)], M)
case("cumsum", lambda a: [ops.cumsum(a, axis=1), ops.cumsum(a), ops.cumprod(a, axis=-1)], M)

# Shapes.
case("reshape", lambda a: [ops.reshape(a, (-1, 12)), ops.reshape(a, (-1, 2, 6))], M)
case("transpose", lambda a: [ops.transpose(a, (0, 2, 1)), ops.transpose(a)], M)
case("expand_dims", lambda a: [ops.expand_dims(a, 1), ops.expand_dims(a, (1, -1))], M)
case("squeeze", lambda a: [ops.squeeze(a, axis=1), ops.squeeze(a, axis=(1, 3))], (1, 4, 1))
case("concatenate", lambda a, b: [ops.concatenate([a, b], axis=-1), ops.concatenate([a, a, b])], M, M)
case("stack", lambda a, b: [ops.stack([a, b], axis=1), ops.stack([a, b])], M, M)
case("unstack", lambda a: ops.unstack(a, axis=1), M)
case("split", lambda a: list(ops.split(a, 2, axis=-1)) + list(ops.split(a, [1, 3], axis=2)), M)
case("slice", lambda a: [ops.slice(a, (0, 1, 1), (2, 2, 3))], M)
case("getitem", lambda a: [a[:, 1:, ::2], a[:, 0], a[:, None, ..., -1], a[:, ::-1, -1:0:-2], a[..., 1:-1], a[:, :, None]], M)
case("getitem of samples", lambda a: [a[0], a[1:, :], a[None, :]], M)
case("broadcast_to", lambda a: ops.broadcast_to(a, (2, 3, 4)), (1, 4))
case("tile", lambda a: [ops.tile(a, (1, 2, 1)), ops.tile(a, 2)], M)
case("repeat", lambda a: [ops.repeat(a, 2, axis=1), ops.repeat(a, 2)], M)
case("flip", lambda a: [ops.flip(a, axis=1), ops.flip(a, axis=(1, 2)), ops.flip(a)], M)
case("roll", lambda a: [ops.roll(a, 1, axis=1), ops.roll(a, -2), ops.roll(a, (1, 2), axis=(1, 2))], M)
case("swapaxes", lambda a: [ops.swapaxes(a, 1, 2), ops.moveaxis(a, 1, -1)], M)
case("pad", lambda a: [ops.pad(a, ((0, 0), (1, 2), (0, 1))), ops.pad(a, ((0, 0), (1, 2), (0, 1)), constant_values=2.0)], M)
case("pad mirrored", lambda a: [ops.pad(a, ((0, 0), (1, 2), (0, 3)), mode="reflect"),
                                ops.pad(a, ((0, 0), (3, 2), (0, 1)), mode="symmetric")], M)
case("cast", lambda a: [ops.cast(a, "int32"), ops.cast(a, "float16"), ops.cast(a, "bool")], M)
case("like", lambda a: [ops.zeros_like(a), ops.ones_like(a, dtype="int32"), ops.ravel(a), ops.copy(a)], M)
case("stop_gradient", lambda a: ops.stop_gradient(a), M)

# Positions.
case("take", lambda a: [ops.take(a, [0, 2], axis=1), ops.take(a, np.array([[0, -1], [2, 1]]), axis=-1), ops.take(a, 1, axis=1),
                        ops.take(a, [3, 5])], M)
case("take tensor", lambda a, i: ops.take(a, i, axis=1), M, (5,), ints=(1,))
case("take_along_axis", lambda a, i: ops.take_along_axis(a, i, axis=1), M, M, ints=(1,))
case("scatter", lambda i, v: ops.scatter(i, v, (3, 4)), (1,), (4,), ints=(0,))
case("scatter places", lambda i, v: ops.scatter(i, v, (3, 3)), (4, 2), (4,), ints=(0,))
case("one_hot", lambda i: [ops.one_hot(i, 3), ops.one_hot(i, 2, axis=1, dtype="int32")], (4,), ints=(0,))
case("sort", lambda a: [ops.sort(a), ops.sort(a, axis=1), ops.argsort(a), ops.argsort(a, axis=1)], M)
case("top_k", lambda a: list(ops.top_k(a, 2)), M)

# Products and networks.
case("matmul", lambda a, b: a @ b, M, (4, 2))
case("matmul array", lambda a: ops.matmul(a, np.eye(4, 2, dtype="float32")), M)
case("einsum", lambda a, b: [ops.einsum("bij,bjk->bik", a, b), ops.einsum("bij->bj", a)], M, (4, 2))
case("tensordot", lambda a: [ops.tensordot(a, np.eye(4, 2, dtype="float32"), 1), ops.tensordot(a, np.ones((3, 2), "float32"), axes=[[1], [0]])], M)
case("conv", lambda a: [ops.conv(a, K), ops.conv(a, K, 2, "same"), ops.conv(a, K, 1, "same", dilation_rate=2)], P)
case("pool", lambda a: [ops.max_pool(a, 2, 2, "same"), ops.average_pool(a, (2, 3)), ops.average_pool(a, 2, 1, "same")], P)
case("resize", lambda a: [ops.image.resize(a, (4, 7), interpolation=i, antialias=s)
                          for i in ["nearest", "bilinear", "bicubic", "lanczos3", "lanczos5"] for s in [False, True]], P)
case("resize keeping ratio", lambda a: [ops.image.resize(a, (4, 4), crop_to_aspect_ratio=True), ops.image.resize(a, (3, 7), crop_to_aspect_ratio=True),
                                        ops.image.resize(a, (8, 3), pad_to_aspect_ratio=True, fill_value=2.5)], P)
case("resize channels_first", lambda a: ops.image.resize(a, (3, 8), data_format="channels_first"), (2, 5, 6))
case("depth_to_space", lambda a: ops.nn.depth_to_space(a, 2), (2, 3, 8))
case("space_to_depth", lambda a: ops.nn.space_to_depth(a, 2), (4, 6, 2))

# As part of a network, with a shared layer.
def network(a, b):
    dense = keras.layers.Activation("tanh", name="shared")
    both = ops.concatenate([dense(a), dense(b) * 2], axis=-1)
    weights = ops.softmax(ops.mean(both, axis=1, keepdims=True))
    return ops.sum(both * weights, axis=-1) / (1 + ops.max(ops.abs(both), axis=-1))


case("network", network, M, M)

with open(sys.argv[1], "w") as file:
    file.write('{"cases": [\n' + ",\n".join(json.dumps(c) for c in cases) + "\n]}\n")
print(len(cases), "cases")
