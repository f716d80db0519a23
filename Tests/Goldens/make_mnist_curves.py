"""How Keras learns MNIST from weights that every language can make: its examples `mnist_mlp` and `mnist_cnn`.

    python3 Tests/Goldens/make_mnist_curves.py [--whole] MNIST.npz

Needs keras 3.15.1 (TensorFlow 2.21). Writes `mnist-curves.json`: `steps`, the loss of each of the first steps without
dropout on the first samples in their order, which any right implementation repeats; with `--whole` also `epochs`, what
the examples as they are (dropout, shuffled) reach epoch by epoch from the same weights, which is only comparable within
noise.
"""

import json
import os
import pathlib
import sys

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np

HERE = pathlib.Path(__file__).parent
STEPS = {"mlp": (128, 30), "cnn": (32, 12)}
EPOCHS = {"mlp": 20, "cnn": 6}  # Of the example's 12: an hour on two cores.


def uniform(stream, count):
    """SplitMix64's finaliser of `stream * 2**40 + i`, as 24 bits in [0, 1): `CounterRandom(seed: 0)` of the package."""
    with np.errstate(over="ignore"):
        x = (np.uint64(stream) << np.uint64(40)) + np.arange(count, dtype=np.uint64)
        z = x + np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    return (z >> np.uint64(40)).astype("float64") / (1 << 24)


def fill(model):
    """Glorot's limits for kernels, zeros for biases."""
    values = []
    for stream, weight in enumerate(model.weights):
        shape = tuple(weight.shape)
        if len(shape) == 1:
            values.append(np.zeros(shape, "float32"))
            continue
        places = int(np.prod(shape[:-2]))
        limit = np.float32(np.sqrt(6 / (places * (shape[-2] + shape[-1]))))
        numbers = uniform(stream, int(np.prod(shape))).astype("float32") * 2 - 1
        values.append((numbers * limit).reshape(shape))
    model.set_weights(values)


def model(kind, dropout):
    layers = keras.layers
    if kind == "mlp":
        stack = [layers.Dense(512, activation="relu"), layers.Dropout(0.2),
                 layers.Dense(512, activation="relu"), layers.Dropout(0.2)]
        shape, optimizer = (784,), keras.optimizers.RMSprop()
    else:
        stack = [layers.Conv2D(32, 3, activation="relu"), layers.Conv2D(64, 3, activation="relu"),
                 layers.MaxPooling2D(), layers.Dropout(0.25), layers.Flatten(),
                 layers.Dense(128, activation="relu"), layers.Dropout(0.5)]
        shape, optimizer = (28, 28, 1), keras.optimizers.Adadelta(learning_rate=1.0)
    stack = [x for x in stack if dropout or not isinstance(x, layers.Dropout)]
    built = keras.Sequential([keras.Input(shape), *stack, layers.Dense(10, activation="softmax")])
    fill(built)
    built.compile(optimizer=optimizer, loss="sparse_categorical_crossentropy", metrics=["accuracy"])
    return built


def main():
    data = np.load(sys.argv[-1])
    (x, y), (xt, yt) = [(data["x_" + s].astype("float32") / 255, data["y_" + s].astype("int32"))
                        for s in ("train", "test")]
    target = HERE / "mnist-curves.json"
    out = json.loads(target.read_text()) if target.exists() else {}
    for kind in STEPS:
        shaped = (lambda a: a.reshape(-1, 784)) if kind == "mlp" else (lambda a: a[..., None])
        size, steps = STEPS[kind]
        m = model(kind, dropout=False)
        losses = []
        for step in range(steps):
            rows = slice(step * size, (step + 1) * size)
            losses.append(float(m.test_on_batch(shaped(x[rows]), y[rows])[0]))
            m.reset_metrics()
            m.train_on_batch(shaped(x[rows]), y[rows])
            m.reset_metrics()
        out.setdefault(kind, {}).update(batch_size=size, losses=[round(v, 6) for v in losses])
        if "--whole" in sys.argv:
            keras.utils.set_random_seed(1)
            m = model(kind, dropout=True)
            history = m.fit(shaped(x), y, batch_size=128, epochs=EPOCHS[kind], verbose=2,
                            validation_data=(shaped(xt), yt)).history
            out[kind]["epochs"] = {k: [round(float(v), 5) for v in values] for k, values in history.items()}
        target.write_text(json.dumps(out, indent=1) + "\n")


main()
