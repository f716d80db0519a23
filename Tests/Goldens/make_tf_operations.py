"""Makes operations-tf.json: models of TensorFlow's functions, as TF-Keras describes them, and what they compute.

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install tf-keras==2.21.0 tensorflow-cpu==2.21.0
    /tmp/venv/bin/python Tests/Goldens/make_tf_operations.py Tests/Goldens/operations-tf.json

Inputs are those of make_operations.py.
"""
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import tf_keras as keras  # noqa: E402

M = (3, 4)
P = (5, 6, 4)
cases = []


def data(shape, dtype, number):
    shape = (2,) + tuple(shape)
    step = (np.arange(int(np.prod(shape)), dtype=np.int64) * 37 + number * 101 + 11) % 97
    if dtype == "int32":
        return (step % 3).astype("int32").reshape(shape)
    return (4 * (step / 97 - 0.5)).astype("float32").reshape(shape)


def case(name, function, *shapes, ints=()):
    keras.backend.clear_session()
    types = ["int32" if n in ints else "float32" for n in range(len(shapes))]
    inputs = [keras.Input(s, dtype=t, name=f"in{n}") for n, (s, t) in enumerate(zip(shapes, types))]
    model = keras.Model(inputs, function(*inputs), name="model")
    values = [data(s, t, n) for n, (s, t) in enumerate(zip(shapes, types))]
    results = model(values if len(values) > 1 else values[0])
    results = [np.asarray(r) for r in (results if isinstance(results, (list, tuple)) else [results])]
    cases.append({
        "name": name, "model": json.loads(model.to_json()),
        "outputs": [{"shape": list(r.shape), "dtype": str(r.dtype).replace("int64", "int32"),
                     "values": [float(f"{v:.9g}") for v in r.astype("float64").ravel()]} for r in results]})


case("operators", lambda a, b: [a + b, a - b, a * b, a / (b + 3.0), -a, abs(a), a // 0.75, a % 0.75, abs(a) ** 1.5], M, M)
case("numbers", lambda a: [a + 1.0, 1.0 - a, 2.0 * a, 1.0 / (a + 3.0), a + np.arange(4, dtype="float32")], M)
case("comparisons", lambda a, b: [a > b, a >= b, a < 0.0, a <= 0.0, tf.equal(a, b), tf.not_equal(a, b),
                                  tf.logical_and(a > 0, b > 0), tf.logical_or(a > 0, b > 0), tf.logical_not(a > 0)], M, M)
case("functions", lambda a: [tf.exp(a), tf.square(a), tf.tanh(a), tf.sin(a), tf.cos(a), tf.math.erf(a), tf.sign(a), tf.floor(a),
                             tf.math.ceil(a), tf.round(a), tf.sqrt(abs(a)), tf.math.rsqrt(abs(a) + 0.5), tf.math.log(abs(a) + 0.5),
                             tf.math.reciprocal(a + 3.0), tf.math.is_nan(a)], M)
case("activations", lambda a: [tf.nn.relu(a), tf.nn.relu6(4.0 * a), tf.nn.leaky_relu(a), tf.nn.leaky_relu(a, alpha=0.3), tf.nn.elu(a),
                               tf.nn.selu(a), tf.nn.gelu(a), tf.nn.gelu(a, approximate=True), tf.nn.silu(a), tf.nn.softplus(a),
                               tf.nn.sigmoid(a), tf.nn.softsign(a), tf.nn.softmax(a), tf.nn.softmax(a, axis=1),
                               tf.nn.log_softmax(a), tf.clip_by_value(a, -1.0, 0.5)], M)
case("extremes", lambda a, b: [tf.maximum(a, 0.5), tf.minimum(a, b), tf.where(a > 0, a, b), tf.math.divide_no_nan(a, tf.nn.relu(b)),
                               tf.math.atan2(a, b)], M, M)
case("matmul", lambda a, b: [tf.matmul(a, b, transpose_b=True), tf.matmul(a, b, transpose_a=True), tf.transpose(a, [0, 2, 1]) @ b], M, M)
case("bias_add", lambda a: tf.nn.bias_add(a, [1.0, 2.0, 3.0, 4.0]), M)
case("reductions", lambda a: [tf.reduce_mean(a, [1, 2], keepdims=True), tf.reduce_sum(a, axis=1), tf.reduce_max(a, -1),
                              tf.reduce_min(a, 1), tf.reduce_prod(a, 1), tf.math.reduce_std(a, 1), tf.math.reduce_variance(a, 1),
                              tf.reduce_logsumexp(a, 1), tf.reduce_any(a > 1, 1), tf.reduce_all(a > -1, 2), tf.reduce_mean(a)], M)
case("norms", lambda a: [tf.math.l2_normalize(a, axis=-1), tf.nn.l2_normalize(a, 1), tf.norm(a, axis=-1), tf.norm(a, ord=1, axis=1, keepdims=True)], M)
case("positions", lambda a: [tf.argmax(a, -1), tf.argmin(a, axis=1, output_type=tf.int32), tf.cumsum(a, axis=1),
                             tf.cumsum(a, axis=2, reverse=True, exclusive=True), tf.math.cumprod(a, 1)], M)
case("shapes", lambda a: [tf.reshape(a, [-1, 12]), tf.transpose(a, [0, 2, 1]), tf.transpose(a), tf.expand_dims(a, -1),
                          tf.squeeze(tf.expand_dims(a, 1), axis=[1]), tf.squeeze(tf.expand_dims(a, 1), 1), tf.tile(a, [1, 2, 1]),
                          tf.repeat(a, 2, axis=1), tf.reverse(a, [1]), tf.roll(a, 1, axis=1), tf.slice(a, [0, 1, 0], [-1, 2, 2]),
                          tf.broadcast_to(tf.expand_dims(a, 1), [2, 3, 3, 4])], M)
case("reshape by a shape", lambda a: [tf.reshape(a, [tf.shape(a)[0], 12]), tf.shape(a)], M)
case("parts", lambda a, b: [tf.concat([a, b], -1), tf.concat(values=[a, b, a], axis=1), tf.stack([a, b], axis=1)]
     + tf.unstack(a, axis=1) + tf.split(a, 2, axis=-1) + tf.split(a, [1, 3], axis=-1), M, M)
case("getitem", lambda a: [a[:, 1:, ::2], a[:, 0], a[..., tf.newaxis, -1], a[0], a[1:], a[:, ::-1]], M)
case("pad", lambda a: [tf.pad(a, [[0, 0], [1, 1], [2, 0]]), tf.pad(a, [[0, 0], [1, 1], [2, 0]], "REFLECT"),
                       tf.pad(a, [[0, 0], [1, 2], [2, 0]], mode="SYMMETRIC"), tf.pad(a, [[0, 0], [1, 1], [2, 0]], constant_values=1.5)], M)
case("gather", lambda a, i: [tf.gather(a, [0, 2], axis=1), tf.gather(a, i, axis=1), tf.one_hot(i, 3)], M, (5,), ints=(1,))
case("types", lambda a: [tf.cast(a, tf.int32), tf.cast(a, "float16"), tf.zeros_like(a), tf.ones_like(a), tf.identity(a), tf.stop_gradient(a)], M)
case("images", lambda a: [tf.image.resize(a, (7, 4)), tf.image.resize(a, [3, 3], method="nearest"),
                          tf.image.resize(a, [3, 4], method=tf.image.ResizeMethod.BICUBIC, antialias=True),
                          tf.image.resize(a, [2, 3], method="area"), tf.nn.depth_to_space(a, 2), tf.nn.space_to_depth(a[:, :4], 2),
                          tf.nn.avg_pool2d(a, 2, 2, "SAME"), tf.nn.max_pool2d(a, [2, 3], 1, "VALID")], P)
case("images of integers", lambda a: [tf.image.resize(a, (7, 4)), tf.image.resize(a, (7, 4), method="nearest")], P, ints=(0,))
case("top_k", lambda a: list(tf.math.top_k(a, 2)), M)


# As people wrote networks: MobileNetV3's hard swish, attention, and layers between.
def network(a):
    x = keras.layers.Activation("tanh")(a)
    x = x * tf.nn.relu6(x + 3.0) * (1.0 / 6.0)
    scores = tf.nn.softmax(tf.matmul(x, a, transpose_b=True) / tf.math.sqrt(4.0))
    x = keras.layers.Add()([tf.matmul(scores, a), a])
    return tf.reduce_mean(x, axis=[1]) - keras.backend.mean(a, axis=1)


case("network", network, M)
case("one function twice", lambda a: tf.nn.relu(tf.nn.relu(a) - 0.5), M)

with open(sys.argv[1], "w") as file:
    file.write('{"cases": [\n' + ",\n".join(json.dumps(c) for c in cases) + "\n]}\n")
print(len(cases), "cases")
