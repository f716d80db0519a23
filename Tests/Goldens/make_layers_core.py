"""Writes layers-extra-core.h5: stranger cases of core, merging, normalization, noise and attention layers.

    pip install keras==3.15.1 tensorflow-cpu==2.21.0 h5py==3.14.0 numpy==2.4.6
    python Tests/Goldens/make_layers_core.py [--all FILE]

Two of five cases are kept beside this script; `--all` writes every one, for `KERAS_GOLDEN_DIR`.

Each case holds a layer's settings, weights, inputs and masks, and what Keras makes of them: outputs, masks, losses,
gradients for random cotangents, and the weights after a step of training.
"""

import json
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import h5py
import keras
import numpy as np
import tensorflow as tf
from keras import layers as L

assert keras.__version__ == "3.15.1", keras.__version__

WRITES_ALL = "--all" in sys.argv
FILE = pathlib.Path(sys.argv[-1]) if WRITES_ALL else pathlib.Path(__file__).parent / "layers-extra-core.h5"
SEED = 20261122
rng = np.random.default_rng(SEED)
counts = {}


def reals(*shape, scale=1.0):
    return (scale * rng.standard_normal(shape)).astype("float32")


def integers(high, *shape):
    return rng.integers(0, high, shape).astype("int32")


def mask(*rows):
    return np.array(rows, bool)


def flat(value):
    return list(value) if isinstance(value, (list, tuple)) else [value]


def arguments(inputs, names, kwargs):
    """How Keras is called: one tensor, a list, or tensors by name, as the format describes."""
    if names is None:
        return [inputs[0] if len(inputs) == 1 else inputs], dict(kwargs)
    if names == "list":
        return [inputs], dict(kwargs)
    named = {}
    for name, value in zip(names, inputs):
        named.setdefault(name, []).append(value)
    lists = ("inputs", "mask") if names.count("inputs") > 1 else ()
    tensors = {n: v if n in lists else v[0] for n, v in named.items()}
    first = [tensors.pop("inputs")] if "inputs" in tensors else []
    return first, {**tensors, **kwargs}


def randomize(layer):
    for weight in layer.weights:
        values = 0.7 * rng.standard_normal(weight.shape)
        if any(part in weight.name for part in ("variance", "stddev")):
            values = 0.5 + rng.random(weight.shape)
        weight.assign(values.astype(weight.dtype))


def case(
    out, layer, inputs, masks=None, names=None, kwargs=None, training=False, weights=None, trainable=True,
    random=False,
):
    name = type(layer).__name__ if type(layer).__name__ != "GroupedQueryAttention" else "GroupQueryAttention"
    counts[name] = counts.get(name, 0) + 1
    kwargs, masks = kwargs or {}, masks or {}
    layer.trainable = trainable
    serialized = keras.saving.serialize_keras_object(layer)
    call = {"training": training}
    if kwargs:
        call["kwargs"] = kwargs
    if names:
        call["inputs"] = names

    def run(tape=None):
        tensors = [tf.constant(x) for x in inputs]
        for index, given in masks.items():
            keras.src.backend.set_keras_mask(tensors[index], tf.constant(given))
        if tape:
            for tensor in tensors:
                if tensor.dtype.is_floating:
                    tape.watch(tensor)
        positional, named = arguments(tensors, names, kwargs)
        takes_training = "training" in layer._call_signature.parameters
        if takes_training:
            named["training"] = training
        return tensors, layer(*positional, **named)

    run()
    randomize(layer)
    if weights:
        for weight in layer.weights:
            if weight.name in weights:
                weight.assign(weights[weight.name])
    before = [weight.numpy() for weight in layer.weights]
    stored = {f"inputs/{i}": x for i, x in enumerate(inputs)}
    stored |= {f"masks/{i}": m.astype("uint8") for i, m in masks.items()}
    names_of = {}
    for i, (weight, value) in enumerate(zip(layer.weights, before)):
        stored[f"weights/{i}"], names_of[f"weights/{i}"] = value, weight.path
    if random:
        _, output = run()
        output = output.numpy()
        stored |= {"mean": output.mean(), "std": output.std(), "shape": np.array(output.shape)}
        tolerance = (0.0, 6 * float(output.std()) / np.sqrt(output.size) + 0.02)
    else:
        with tf.GradientTape() as tape:
            tensors, result = run(tape)
            outputs = flat(result)
            cotangents = [reals(*o.shape) for o in outputs]
            total = tf.add_n([tf.reduce_sum(o * c) for o, c in zip(outputs, cotangents)])
        sources = [t for t in tensors if t.dtype.is_floating]
        variables = layer.trainable_weights
        gradients = tape.gradient(
            total, sources + [v.value for v in variables], unconnected_gradients="zero")
        for i, output in enumerate(outputs):
            stored[f"outputs/{i}"], stored[f"cotangents/{i}"] = output.numpy(), cotangents[i]
            given = keras.src.backend.get_keras_mask(output)
            if given is not None:
                stored[f"output_masks/{i}"] = np.asarray(given).astype("uint8")
        real = [i for i, t in enumerate(tensors) if t.dtype.is_floating]
        for i, gradient in zip(real, gradients):
            stored[f"grad_inputs/{i}"] = tf.convert_to_tensor(gradient).numpy()
        for i, gradient in enumerate(gradients[len(sources):]):
            stored[f"grad_weights/{i}"] = tf.convert_to_tensor(gradient).numpy()
        if layer.losses and float(sum(layer.losses)) != 0:
            stored["added_loss"] = np.float32(sum(float(loss) for loss in layer.losses))
        after = [weight.numpy() for weight in layer.weights]
        if training and any((a != b).any() for a, b in zip(before, after)):
            stored |= {f"weights_after/{i}": value for i, value in enumerate(after)}
        largest = max([1.0] + [float(np.abs(v).max()) for v in stored.values() if v.size and v.dtype.kind == "f"])
        tolerance = (1e-4, 2e-5 * largest)
    if not WRITES_ALL and sum(counts.values()) % 5 not in (0, 2):
        return
    group = out.create_group(f"cases/{name}-x{counts[name]:02d}")
    group.attrs["kind"] = "layer"
    group.attrs["config"] = json.dumps(serialized)
    group.attrs["call"] = json.dumps(call)
    if random:
        group.attrs["random"] = 1
    group.attrs["rtol"], group.attrs["atol"] = tolerance
    for key, value in stored.items():
        assert np.isfinite(value).all(), (name, key)
        dataset = group.create_dataset(key, data=value)
        if key in names_of:
            dataset.attrs["name"] = names_of[key]


def core(out):
    x = reals(2, 3, 4)
    case(out, L.EinsumDense("abc,cd->abd", (3, 5), bias_axes="bd", activation="tanh"), [x])
    case(out, L.EinsumDense("...ab,bc->...ac", (3, 5), bias_axes="ac"), [reals(2, 2, 3, 4)])
    case(out, L.EinsumDense("ab...,bc->ac...", (5,), bias_axes="c"), [reals(2, 4, 3, 2)])
    case(out, L.EinsumDense("abcd,bde->acbe", (2, 3, 5), bias_axes="e"), [reals(2, 3, 2, 4)])
    case(out, L.EinsumDense("abc,c->ab", (3,)), [x])
    case(out, L.EinsumDense("abc,bd->adc", (5, 4), bias_axes="d", kernel_regularizer="l2"), [x])
    case(out, L.EinsumDense("abc,bc->abc", (3, 4)), [x])
    case(out, L.Embedding(6, 3, mask_zero=True, activity_regularizer="l1"), [integers(6, 2, 4)])
    case(out, L.Embedding(6, 3, embeddings_regularizer="l2"), [integers(6, 2, 3).astype("float32")])
    tied = L.ReversibleEmbedding(6, 3, mask_zero=True, logit_soft_cap=1.5)
    case(out, tied, [reals(2, 3)], kwargs={"reverse": True})
    untied = L.ReversibleEmbedding(6, 3, tie_weights=False, logit_soft_cap=3.0, embeddings_regularizer="l2")
    case(out, untied, [reals(2, 4, 3)], kwargs={"reverse": True})
    case(out, L.ReversibleEmbedding(6, 3, tie_weights=False), [integers(6, 2, 4)])
    steps = reals(2, 4, 3)
    steps[0, 1] = steps[1, 3] = 0.5
    case(out, L.Masking(0.5), [steps])
    case(out, L.Masking(), [np.stack([reals(2, 3), np.zeros((2, 3), "float32")])])
    case(out, L.Identity(), [x], {0: mask([1, 0, 1], [0, 1, 1])})
    case(out, L.ActivityRegularization(0.3, 0.1), [x], {0: mask([1, 0, 1], [0, 1, 1])})


def activations(out):
    x = reals(2, 3, 4)
    case(out, L.ReLU(0.9, 0.3, 0.4), [x])
    case(out, L.ReLU(negative_slope=0.3, threshold=0.4), [x])
    case(out, L.ReLU(6.0), [5 * x], {0: mask([1, 0, 1], [0, 1, 1])})
    case(out, L.ReLU(6.0, negative_slope=0.1), [5 * x])
    case(out, L.PReLU(shared_axes=[1, 3], alpha_regularizer="l2"), [reals(2, 3, 2, 4)])
    case(out, L.PReLU(alpha_constraint="non_neg"), [reals(3, 4)])
    case(out, L.ELU(0.4), [x])
    case(out, L.Softmax(axis=[0, 2]), [x])
    case(out, L.Softmax(axis=[-1, 1]), [x, mask([[1, 0, 1, 1]], [[0, 0, 1, 1]])], names=["inputs", "mask"])
    case(out, L.Softmax(axis=1), [x, mask([[1], [0], [1]], [[0], [0], [0]])], names=["inputs", "mask"])
    case(out, L.Softmax(axis=[-1]), [x, np.array([1, 0, 1, 1], "float32")], names=["inputs", "mask"])
    case(out, L.Softmax(), [reals(2, 3)], {0: mask([1, 0, 1], [1, 1, 0])})


def merging(out):
    a, b, row, sample = reals(2, 3, 4), reals(2, 3, 4), reals(2, 1, 4), reals(2, 4)
    first, second = mask([1, 0, 1], [0, 1, 0]), mask([1, 1, 0], [0, 1, 1])
    for layer in (L.Add, L.Average, L.Multiply, L.Maximum, L.Minimum):
        case(out, layer(), [sample, a, row])
        case(out, layer(), [a, b, row], {0: first, 1: second, 2: mask([1], [0])})
        case(out, layer(), [a, b, -a], {0: first, 2: second})
        case(out, layer(), [a, b], {1: second})
    case(out, L.Subtract(), [sample, a])
    case(out, L.Subtract(), [a, b], {0: first, 1: second})
    case(out, L.Add(), [reals(2, 1, 3, 4), reals(2, 5, 1, 4), reals(2, 4)])
    case(out, L.Concatenate(axis=1), [a, b], {1: second})
    case(out, L.Concatenate(axis=-2), [a, reals(2, 2, 4)], {0: first, 1: mask([1, 0], [0, 1])})
    case(out, L.Concatenate(axis=2), [reals(2, 2, 3, 4), reals(2, 2, 1, 4)])
    case(out, L.Concatenate(axis=0), [a, reals(1, 3, 4)], {0: first})
    case(out, L.Dot(axes=(1, 3)), [reals(2, 3, 4), reals(2, 2, 5, 3)])
    case(out, L.Dot(axes=(2, 2)), [reals(2, 3, 4, 2), reals(2, 3, 4)])
    case(out, L.Dot(axes=(-1, 1), normalize=True), [reals(2, 3, 4), reals(2, 4)])
    case(out, L.Dot(axes=(1, 2), normalize=True), [reals(2, 4), reals(2, 3, 4)])
    case(out, L.Dot(axes=-2), [reals(2, 4, 3), reals(2, 4, 2)])


def normalization(out):
    x, image = 1 + 2 * reals(3, 4, 5), reals(2, 3, 4, 5)
    seen = mask([1, 0, 1, 1], [0, 1, 0, 0], [1, 1, 1, 0])
    case(out, L.BatchNormalization(axis=1, momentum=0.7), [x], {0: seen}, training=True)
    case(out, L.BatchNormalization(axis=-2, scale=False), [image], training=True)
    case(out, L.BatchNormalization(center=False, scale=False, momentum=0.5), [x], training=True)
    case(out, L.BatchNormalization(momentum=0.5), [x], training=True, trainable=False)
    case(out, L.BatchNormalization(axis=2, epsilon=0.1), [image])
    case(out, L.BatchNormalization(momentum=0.8), [reals(6, 3)], {0: mask(1, 0, 1, 1, 0, 1)}, training=True)
    case(out, L.BatchNormalization(), [x, seen], names=["inputs", "mask"], training=True)
    clipping = {"rmax": 1.2, "rmin": 0.8, "dmax": 0.3}
    case(out, L.BatchNormalization(renorm=True, renorm_clipping=clipping, momentum=0.9), [x], training=True)
    case(out, L.BatchNormalization(renorm=True, renorm_momentum=0.6, axis=1), [image], training=True)
    case(out, L.BatchNormalization(renorm=True, scale=False, center=False), [x], training=True)
    case(out, L.BatchNormalization(renorm=True), [x])
    case(out, L.LayerNormalization(axis=1), [x])
    case(out, L.LayerNormalization(axis=[1, 3]), [image])
    case(out, L.LayerNormalization(axis=[3, 2], epsilon=0.1, gamma_regularizer="l2"), [image])
    case(out, L.LayerNormalization(axis=[1, 2, 3], center=False), [image])
    case(out, L.LayerNormalization(rms_scaling=True), [x], {0: seen})
    case(out, L.GroupNormalization(groups=2, axis=-2), [image])
    case(out, L.GroupNormalization(groups=-1, axis=1, scale=False), [image])
    case(out, L.GroupNormalization(groups=3, axis=3), [reals(2, 2, 3, 6, 2)])
    case(out, L.RMSNormalization(axis=[1, 2], epsilon=0.01), [x])
    zeros = reals(2, 3, 4)
    zeros[0, 1] = 1e-3
    case(out, L.UnitNormalization(axis=[0, -1]), [zeros], {0: mask([1, 0, 1], [0, 1, 0])})
    case(out, L.SpectralNormalization(L.Conv1D(3, 2), power_iterations=2), [x], training=True)
    case(out, L.SpectralNormalization(L.EinsumDense("abc,cd->abd", (None, 5))), [x], training=True)
    zero = {"kernel": np.zeros((5, 4), "float32")}
    case(out, L.SpectralNormalization(L.Dense(4)), [reals(3, 5)], training=True, weights=zero)


def noise(out):
    x = reals(32, 8, 16)
    case(out, L.AlphaDropout(0.3, noise_shape=(None, 1, None)), [x], training=True, random=True)
    case(out, L.SpatialDropout2D(0.4, data_format="channels_first"), [1 + reals(16, 16, 2, 2)], training=True,
         random=True)
    case(out, L.SpatialDropout3D(0.4, data_format="channels_first"), [1 + reals(16, 16, 1, 2, 2)],
         training=True, random=True)
    case(out, L.Dropout(1.0), [reals(3, 4)], training=True)
    case(out, L.Dropout(0.0), [reals(3, 4)], training=True)
    case(out, L.Dropout(0.5), [reals(2, 3, 4)], {0: mask([1, 0, 1], [0, 1, 0])})


def attention(out):
    q, v, k = reals(2, 4, 6), reals(2, 5, 6), reals(2, 5, 6)
    queries, values = mask([1, 1, 0, 1], [0, 1, 1, 0]), mask([1, 1, 0, 1, 0], [0, 1, 1, 0, 1])
    for layer in (
        lambda: L.Attention(use_scale=True), lambda: L.Attention(use_scale=True, score_mode="concat"),
        L.AdditiveAttention,
    ):
        case(out, layer(), [q, v, k], {0: queries})
        case(out, layer(), [q, v, k], {1: values}, kwargs={"use_causal_mask": True})
        case(out, layer(), [q, v], {0: queries, 1: values},
             kwargs={"use_causal_mask": True, "return_attention_scores": True})
    case(out, L.Attention(dropout=0.4), [q, v, queries, values], names=["inputs", "inputs", "mask", "mask"])
    case(out, L.Attention(), [q, v], {1: mask([0, 0, 0, 0, 0], [1, 1, 1, 1, 0])})

    def heads(**settings):
        return L.MultiHeadAttention(2, 3, **settings)

    two, three = ["query", "value"], ["query", "value", "key"]
    causal, scores = {"use_causal_mask": True}, {"return_attention_scores": True}
    given = rng.random((2, 4, 5)) > 0.3
    given[1, 2] = False
    case(out, heads(use_gate=True, value_dim=4), [q, v], names=two)
    case(out, heads(use_gate=True, use_bias=False, activity_regularizer="l2"), [q, v], names=two)
    case(out, heads(sliding_window=2), [q, v, k], names=three)
    case(out, heads(sliding_window=1), [q, v], {0: queries, 1: values}, names=two, kwargs=causal | scores)
    case(out, heads(), [q, v], {0: queries}, names=two, kwargs=causal)
    case(out, heads(), [q, v, k], {1: values, 2: values[::-1]}, names=three)
    case(out, heads(), [q, v, given], names=two + ["attention_mask"])
    case(out, heads(dropout=0.3), [q, v, given], {1: values}, names=two + ["attention_mask"])
    case(out, heads(), [q, v, given], {0: queries}, names=two + ["attention_mask"], kwargs=scores)
    case(out, heads(), [q, v, values], names=two + ["value_mask"], kwargs=causal)
    case(out, heads(), [q, v, k, values], names=three + ["key_mask"])
    case(out, heads(), [q, v, queries], names=two + ["query_mask"])
    case(out, heads(output_shape=(2, 3)), [q, v], names=two)
    case(out, heads(kernel_regularizer="l2", bias_regularizer="l1"), [q, q], names=two)
    grid, other = reals(2, 3, 2, 4), reals(2, 3, 5, 4)
    case(out, heads(attention_axes=2), [grid, other], names=two)
    case(out, heads(attention_axes=(-2,)), [grid, other], names=two, kwargs=scores)
    case(out, heads(attention_axes=(1,)), [grid, reals(2, 4, 2, 4)], names=two, kwargs=scores)
    case(out, heads(attention_axes=(1, 2)), [grid, other, rng.random((2, 3, 2, 3, 5)) > 0.4],
         names=two + ["attention_mask"], kwargs=scores)
    case(out, heads(), [grid, other, reals(2, 3, 5, 6)], names=three)

    def grouped(**settings):
        return L.GroupQueryAttention(3, 4, 2, **settings)

    case(out, grouped(use_gate=True), [q, v, k], names=three)
    case(out, grouped(sliding_window=2), [q, v], {0: queries, 1: values}, names=two, kwargs=causal)
    case(out, grouped(), [q, v, given], {1: values}, names=two + ["attention_mask"], kwargs=scores | causal)
    case(out, grouped(dropout=0.3), [q, v], {0: queries}, names=two)
    case(out, grouped(), [q, v, queries], names=two + ["query_mask"])
    case(out, grouped(activity_regularizer="l2", use_bias=False), [q, v, k], {2: values}, names=three)


# The old layout would reserve room for many names in each of the many small groups.
with h5py.File(FILE, "w", libver=("v108", "v108")) as out:
    keras.utils.set_random_seed(SEED)
    out.attrs["format"], out.attrs["family"] = "golden/1", "layers"
    out.attrs["keras_version"], out.attrs["seed"] = keras.__version__, SEED
    for family in (core, activations, merging, normalization, noise, attention):
        family(out)
print(len(h5py.File(FILE)["cases"]), "cases,", FILE.stat().st_size, "bytes")
