"""Models that Python's Keras compiled, trained for two epochs and saved, and their weights after two more.

    python3 Tests/Goldens/make_continued.py

Needs keras 3.15.1 (TensorFlow), tf-keras 2.21. Writes `continued/`: the files, and `data.npz` with `x`, `y` and for each
file the weights that Keras itself ends with, `<name>/<number>` in the order of `model.weights`.
"""

import os
import pathlib

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tf_keras

HERE = pathlib.Path(__file__).parent / "continued"


def model(k):
    return k.Sequential([
        k.layers.InputLayer(shape=(5,)) if k is keras else k.layers.InputLayer(input_shape=(5,)),
        k.layers.Dense(6, activation="relu"), k.layers.BatchNormalization(),
        k.layers.Dense(3, activation="softmax"),
    ])


def optimizers(k):
    o = k.optimizers
    yield "adam", o.Adam(0.01, amsgrad=True)
    yield "rmsprop", o.RMSprop(0.01, momentum=0.5, centered=True)
    yield "sgd", o.SGD(0.05, momentum=0.9, nesterov=True)
    if k is keras:
        yield "nadam", o.Nadam(0.01, use_ema=True, ema_momentum=0.9)
        both = o.OptimizerMap(o.Adam(0.01))
        both[".*/bias"] = o.SGD(0.05, momentum=0.9)
        yield "multi", o.MultiOptimizer(both)
        yield "schedule", o.AdamW(o.schedules.CosineDecay(0.02, 12), weight_decay=0.05)


def main():
    HERE.mkdir(exist_ok=True)
    random = np.random.default_rng(5)
    x = random.normal(size=(24, 5)).astype("float32")
    y = random.integers(0, 3, 24).astype("int32")
    data = {"x": x, "y": y}
    for k, endings in [(keras, [".keras", ".h5"]), (tf_keras, [".h5"])]:
        for name, optimizer in optimizers(k):
            k.utils.set_random_seed(1)
            m = model(k)
            m.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
            m.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0)
            names = [("" if k is keras else "tf_keras_") + name + ending for ending in endings
                     if name != "multi" or ending == ".keras"]
            for file in names:
                m.save(HERE / file)
            m.fit(x, y, batch_size=8, epochs=2, shuffle=False, verbose=0)
            for file in names:
                data.update({f"{file}/{i}": np.asarray(w) for i, w in enumerate(m.get_weights())})
    np.savez(HERE / "data.npz", **data)


if __name__ == "__main__":
    main()
