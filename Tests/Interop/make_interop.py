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


def main(folder):
    for make in [images, sequences, attention, two, plain, adapted]:
        for k, prefix in [(keras, "keras3"), (tf_keras, "tf_keras")]:
            if make is adapted and k is tf_keras:
                continue
            k.utils.clear_session() if k is keras else k.backend.clear_session()
            model, inputs = make(k)
            inputs = [x if x.dtype == np.int32 else x.astype(np.float32) for x in inputs]
            for weight in model.weights:
                value = random.normal(scale=0.4, size=weight.shape)
                name = getattr(weight, "path", weight.name)
                weight.assign(np.abs(value) + 0.5 if "variance" in name else value)
            outputs = model.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
            outputs = outputs if isinstance(outputs, list) else [outputs]
            place = str(folder / f"{prefix}_{make.__name__}")
            np.savez(place + ".npz", **{f"input{i}": x for i, x in enumerate(inputs)},
                     **{f"output{i}": y for i, y in enumerate(outputs)})
            model.save(place + ".keras")
            model.save(place + ".h5")
            pathlib.Path(place + ".json").write_text(model.to_json())
            if k is keras:
                model.save_weights(place + ".weights.h5")
            else:
                model.save_weights(place + "-weights.h5")
    print(f"wrote {len(list(folder.glob('*.npz')))} models of Keras 3 and TF-Keras")


main(pathlib.Path(sys.argv[1]))
