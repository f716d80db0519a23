"""Writes models of Keras 3 and TF-Keras, with inputs and predictions, for KerasInteropWriter to read.

    python make_interop.py FOLDER

`NAME.npz` holds `input0`… and `output0`…; the files of `NAME` are `.keras`, `.h5` and, with the architecture in
`NAME.json`, `.weights.h5` or `-weights.h5` (the older layout).
"""
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tf_keras  # noqa: E402

random = np.random.default_rng(7)


def images(k):
    L = k.layers
    x = image = k.Input((12, 12, 3))
    x = L.Conv2D(6, 3, padding="same", use_bias=False)(x)
    x = L.BatchNormalization()(x)
    x = L.LeakyReLU()(x)
    y = L.DepthwiseConv2D(3, padding="same")(x)
    x = L.Add()([x, y])
    x = L.SeparableConv2D(5, 3, strides=2, activation="relu")(x)
    x = L.Conv2DTranspose(3, 2, strides=2)(x)
    return k.Model(image, L.Dense(4, activation="softmax")(L.Flatten()(x))), [random.normal(size=(3, 12, 12, 3))]


def sequences(k):
    L = k.layers
    words = k.Input((7,), dtype="int32")
    x = L.Embedding(20, 5, mask_zero=True)(words)
    x = L.Bidirectional(L.LSTM(4, return_sequences=True))(x)
    x = L.GRU(6)(x)
    return k.Model(words, L.Dense(2)(x)), [random.integers(0, 20, size=(4, 7)).astype("int32")]


def attention(k):
    L = k.layers
    x = k.Input((5, 6))
    y = L.LayerNormalization()(x)
    y = L.MultiHeadAttention(2, 3)(y, y)
    return k.Model(x, L.GlobalAveragePooling1D()(L.Add()([x, y]))), [random.normal(size=(3, 5, 6))]


def two(k):
    L = k.layers
    a, b = k.Input((4,), name="a"), k.Input((4,), name="b")
    shared = L.Dense(5, activation="relu", name="shared")
    head = k.Sequential([k.Input((10,)), L.Dense(3), L.BatchNormalization(), L.Dense(1)], name="head")
    joined = L.Concatenate()([shared(a), shared(b)])
    return k.Model([a, b], [head(joined), L.Dense(2)(joined)]), [random.normal(size=(3, 4)) for _ in range(2)]


def plain(k):
    L = k.layers
    return k.Sequential([k.Input((6,)), L.Dense(8, activation="tanh"), L.Dropout(0.5), L.Dense(3)]), [
        random.normal(size=(5, 6))]


def adapted(k):
    L = k.layers
    words = k.Input((6,), dtype="int32")
    x = L.Embedding(12, 5, lora_rank=2)(words)
    x = L.Conv1D(4, 2, lora_rank=2, lora_alpha=3)(x)
    x = L.EinsumDense("abc,cd->abd", output_shape=(5, 3), bias_axes="d", lora_rank=1)(x)
    return k.Model(words, L.Dense(2, lora_rank=3)(L.Flatten()(x))), [
        random.integers(0, 12, size=(4, 6)).astype("int32")]


def siamese(k):
    L = k.layers
    inner = k.Input((3,))
    hidden = L.Dense(3, activation="tanh")(inner)
    encoder = k.Model(inner, [hidden, L.Dense(2)(hidden)])
    head = k.Sequential([L.Dense(2, activation="relu")])
    a, b = k.Input((3,)), k.Input((3,))
    p, q = encoder(a), encoder(b)
    outputs = [head(q[1]), L.Subtract()([p[0], q[0]]), head(p[1]), encoder(q[0])[1]]
    return k.Model([a, b], outputs), [random.normal(size=(4, 3)) for _ in range(2)]


def dictionaries(k):
    L = k.layers
    a, b = k.Input((2,), name="zeta"), k.Input((3,), name="Alpha")
    inner = k.Model({"zeta": a, "Alpha": b}, {"y": L.Dense(3)(a), "X": L.Dense(2)(b)})
    c, d = k.Input((2,), name="c"), k.Input((3,), name="B")
    first = inner({"zeta": c, "Alpha": d})
    second = inner({"zeta": first["X"], "Alpha": first["y"]})
    return k.Model({"c": c, "B": d}, {"two": second["y"], "One": first["X"], "b": second["X"]}), [
        random.normal(size=(4, 3)), random.normal(size=(4, 2))]


def masked_nested(k):
    L = k.layers
    inner = k.Input((5, 3))
    reader = k.Model(inner, L.LSTM(2)(L.Dense(3, activation="tanh")(inner)))
    words = k.Input((5,), dtype="int32")
    return k.Model(words, reader(L.Embedding(4, 3, mask_zero=True)(words))), [
        random.integers(0, 4, size=(4, 5)).astype("int32")]


def mask_argument(k):
    L = k.layers
    x, mask = k.Input((5, 3)), k.Input((5,), dtype="bool")
    return k.Model([x, mask], L.LSTM(3)(x, mask=mask)), [random.normal(size=(4, 5, 3)), random.random((4, 5)) > 0.4]


def shared_in_nested(k):
    L = k.layers
    shared = L.Dense(3, activation="tanh", name="shared")
    a, b = k.Input((3,)), k.Input((3,))
    first = k.Model(a, shared(L.Dense(3)(a)))
    second = k.Model(b, shared(L.Dense(3)(b)))
    x = k.Input((3,))
    return k.Model(x, L.Dense(2)(second(first(x)))), [random.normal(size=(4, 3))]


def merged_masks(k):
    L = k.layers
    words, x = k.Input((5,), dtype="int32"), k.Input((5, 3))
    y = L.Add()([L.Embedding(3, 3, mask_zero=True)(words), x])
    return k.Model([words, x], L.LSTM(2)(y)), [
        random.integers(0, 3, size=(4, 5)).astype("int32"), random.normal(size=(4, 5, 3))]


def training_true(k):
    L = k.layers
    x = k.Input((3,))
    return k.Model(x, L.Dense(2)(L.BatchNormalization()(x, training=True))), [random.normal(size=(4, 3))]


def predictions(model, inputs):
    """Outputs in order; inputs and outputs of dictionaries are in that of the sorted keys."""
    structure = getattr(model, "_inputs_struct", getattr(model, "_nested_inputs", None))
    if isinstance(structure, dict):
        inputs = dict(zip(sorted(structure), inputs))
    outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    if isinstance(outputs, dict):
        return [outputs[key] for key in sorted(outputs)]
    return outputs if isinstance(outputs, list) else [outputs]


FIELD = [siamese, dictionaries, masked_nested, mask_argument, shared_in_nested, merged_masks, training_true]


def main(folder):
    for make in [images, sequences, attention, two, plain, adapted, *FIELD]:
        for k, prefix in [(keras, "keras3"), (tf_keras, "tf_keras")]:
            if make is adapted and k is tf_keras:
                continue
            k.utils.clear_session() if k is keras else k.backend.clear_session()
            model, inputs = make(k)
            inputs = [x if x.dtype in (np.int32, bool) else x.astype(np.float32) for x in inputs]
            for weight in model.weights:
                value = random.normal(scale=0.4, size=weight.shape)
                name = getattr(weight, "path", weight.name)
                weight.assign(np.abs(value) + 0.5 if "variance" in name else value)
            outputs = predictions(model, inputs)
            place = str(folder / f"{prefix}_{make.__name__}")
            np.savez(place + ".npz", **{f"input{i}": x for i, x in enumerate(inputs)},
                     **{f"output{i}": y for i, y in enumerate(outputs)})
            model.save(place + ".keras")
            model.save(place + ".h5")
            pathlib.Path(place + ".json").write_text(model.to_json())
            if k is keras and make is shared_in_nested:
                pass  # `to_json` does not say that a layer stands in two models: Keras cannot load the weights either.
            elif k is keras:
                model.save_weights(place + ".weights.h5")
            else:
                model.save_weights(place + "-weights.h5")
    print(f"wrote {len(list(folder.glob('*.npz')))} models of Keras 3 and TF-Keras")


main(pathlib.Path(sys.argv[1]))
