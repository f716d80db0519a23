"""Makes functions-kinks.h5: activations where their derivatives jump, and rarer settings of the other functions.

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install keras==3.15.1 tensorflow-cpu==2.21.0 tf-keras==2.21.0 h5py scipy
    /tmp/venv/bin/python Tests/Goldens/make_functions.py Tests/Goldens/functions-kinks.h5

The format is that of every golden file, `golden/1`: a group for each case with its settings as JSON, the inputs, and
what Keras made of them.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import h5py
import keras
import numpy as np
import tensorflow as tf
import tf_keras

# Every point where a derivative jumps, with its neighbours, and numbers far out.
POINTS = np.array(
    [-90, -20, -6, -3.5, -3, -2.5, -2, -1.5, -1, -0.75, -0.5, -0.25, -0.0, 0, 0.2, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5,
     3, 3.5, 6, 7, 20, 50], np.float32).reshape(4, 7)
TIES = np.array([[1, 1, 1, 1], [0, 0, -1, -1], [2, 1, 1, 0.5], [5, -5, 0.5, 0.5]], np.float32)

ACTIVATIONS = [
    ("relu", {}), ("relu", {"negative_slope": 0.25}), ("relu", {"max_value": 6.0}), ("relu", {"max_value": 2.0}),
    ("relu", {"threshold": 0.5}), ("relu", {"threshold": -1.0}),
    ("relu", {"negative_slope": 0.5, "max_value": 6.0}), ("relu", {"negative_slope": 0.5, "threshold": 1.0}),
    ("relu", {"negative_slope": 0.5, "max_value": 3.0, "threshold": 1.0}),
    ("relu6", {}), ("leaky_relu", {}), ("elu", {}), ("elu", {"alpha": 0.5}), ("selu", {}), ("celu", {}),
    ("celu", {"alpha": 2.0}), ("gelu", {}), ("gelu", {"approximate": True}), ("silu", {}), ("hard_silu", {}),
    ("sigmoid", {}), ("hard_sigmoid", {}), ("sparse_sigmoid", {}), ("log_sigmoid", {}), ("tanh", {}),
    ("hard_tanh", {}), ("tanh_shrink", {}), ("soft_shrink", {}), ("soft_shrink", {"threshold": 0.25}),
    ("hard_shrink", {}), ("hard_shrink", {"threshold": 1.0}), ("threshold", {"threshold": 0.5, "default_value": 3.0}),
    ("softplus", {}), ("squareplus", {}), ("squareplus", {"b": 0.5}), ("sparse_plus", {}), ("softsign", {}),
    ("mish", {}), ("softmax", {}), ("log_softmax", {}), ("sparsemax", {}),
]
OLD_ACTIVATIONS = ["hard_sigmoid", "relu", "elu", "selu", "softplus", "swish", "gelu", "mish"]

rng = np.random.default_rng(11)


def write(group, kind, config, outputs, inputs=None, call=None, cotangent=None, gradient=None, shape=None, **attributes):
    group.attrs["kind"] = kind
    group.attrs["config"] = config
    group.attrs["call"] = json.dumps(call or {})
    group.attrs["rtol"] = 1e-4 if kind == "activation" else 1e-5
    group.attrs["atol"] = 1e-5 if kind == "activation" else 1e-6
    for name, value in attributes.items():
        group.attrs[name] = value
    if inputs is not None:
        group["inputs/0"] = inputs
    group["outputs/0"] = np.asarray(outputs)
    if shape is not None:
        group["shape"] = np.array(shape, np.int64)
    if gradient is not None:
        group["cotangents/0"] = cotangent
        group["grad_inputs/0"] = np.asarray(gradient)


def activation(cases, name, kwargs, function, x, number, **attributes):
    cotangent = rng.uniform(0.5, 1.5, x.shape).astype(np.float32)
    with tf.GradientTape() as tape:
        variable = tf.constant(x)
        tape.watch(variable)
        y = function(variable, **kwargs)
        scalar = tf.reduce_sum(y * cotangent)
    gradient = tape.gradient(scalar, variable)
    group = cases.create_group(f"activation-{name}-k{number:02}")
    write(group, "activation", json.dumps(name), y, x, {"kwargs": kwargs}, cotangent, gradient, **attributes)


def main(path):
    with h5py.File(path, "w", libver=("earliest", "v108")) as file:
        file.attrs["format"] = "golden/1"
        file.attrs["family"] = "functions"
        file.attrs["keras_version"] = keras.__version__
        file.attrs["seed"] = 11
        cases = file.create_group("cases")
        for number, (name, kwargs) in enumerate(ACTIVATIONS):
            # Where exponentials are summed, numbers far out leave nothing of the others.
            x = TIES if name in ("softmax", "log_softmax", "sparsemax") else POINTS
            if name in ("sparsemax",):
                x = TIES[2:]
            activation(cases, name, kwargs, getattr(keras.activations, name), x, number)
        # Whether 0.2 * -2.5 + 0.5 is zero depends on how it is rounded, so these leave that point out.
        points = np.where(np.abs(POINTS) == 2.5, POINTS * 0.9, POINTS)
        for number, name in enumerate(OLD_ACTIVATIONS):
            activation(
                cases, name, {}, getattr(tf_keras.activations, name), points, 80 + number, api="tf_keras")

        def initializer(number, made, shape):
            config = keras.initializers.serialize(made)
            group = cases.create_group(f"initializer-{config['class_name']}-k{number:02}")
            write(group, "initializer", json.dumps(config), made(shape), shape=shape)

        initializer(0, keras.initializers.Constant([1.0, 2.0, -3.0]), (2, 3))
        initializer(1, keras.initializers.Constant([[1.0], [2.0]]), (2, 3))
        initializer(2, keras.initializers.Identity(), (3, 5))
        initializer(3, keras.initializers.Identity(), (5, 3))
        windows = ["boxcar", "triang", "bartlett", "parzen", "bohman", "cosine", "lanczos", "blackman", "nuttall",
                   "blackmanharris", "flattop", "barthann", "tukey"]
        for number, window in enumerate(windows):
            initializer(
                10 + number,
                keras.initializers.STFT(
                    side=["real", "imag"][number % 2], window=window, scaling=["density", "spectrum", None][number % 3],
                    periodic=number % 4 < 2),
                (11 + number % 2, 1, 7))
        initializer(30, keras.initializers.STFT(window=None), (8, 1, 5))

        def function(number, kind, module, made, x, config=None, **attributes):
            config = config or module.serialize(made)
            group = cases.create_group(f"{kind}-{config['class_name']}-k{number:02}")
            write(group, kind, json.dumps(config), made(tf.constant(x)), x, **attributes)

        w = rng.normal(size=(4, 3)).astype(np.float32)
        w[:, 1] = 0
        kernel = rng.normal(size=(3, 3, 2, 2)).astype(np.float32)
        regularizers, constraints = keras.regularizers, keras.constraints
        function(0, "regularizer", regularizers, regularizers.L1L2(), w)
        function(1, "regularizer", regularizers, regularizers.L1L2(l1=0.5), kernel)
        function(2, "regularizer", regularizers, regularizers.OrthogonalRegularizer(0.5, "columns"), w)
        function(3, "regularizer", regularizers, regularizers.OrthogonalRegularizer(0.5, "rows"), w)
        function(0, "constraint", constraints, constraints.MaxNorm(), w)
        function(1, "constraint", constraints, constraints.MaxNorm(1, axis=[0, 1, 2]), kernel)
        function(2, "constraint", constraints, constraints.MinMaxNorm(0.5, 2, 0.25, axis=-1), w)
        function(3, "constraint", constraints, constraints.UnitNorm(axis=None), w)
        function(4, "constraint", constraints, constraints.NonNeg(), w)
        for number, size in enumerate([2, 3, 4, 5, 6]):
            x = rng.normal(size=(size, size, 2, 3)).astype(np.float32)
            made = tf_keras.constraints.RadialConstraint()
            function(10 + number, "constraint", tf_keras.constraints, made, x, api="tf_keras")


main(sys.argv[1])
