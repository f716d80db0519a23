"""Writes cases of the kind `Tests/Goldens/field` holds: layers that stand in two models inside a model.

    python Tests/Goldens/make_field.py

Keras 3.15.1 and TF-Keras 2.21 (Tests/Interop/requirements.txt). `NAME.in.npz` holds `i0`…, `NAME.ref.npz` the `o0`… that
the model predicted before it was saved. The Kerases cannot open these files themselves: the description of the first
place lacks the number of the shared layer, whose weights are there once.
"""
import os
import pathlib

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tf_keras  # noqa: E402

FOLDER = pathlib.Path(__file__).parent / "field"
random = np.random.default_rng(11)


def side_by_side(k):
    """Two models inside, one behind the other."""
    L = k.layers
    shared = L.Dense(3, activation="tanh", name="shared")

    def inner(name):
        x = k.Input((3,))
        return k.Model(x, shared(L.Dense(3, name="own")(x)), name=name)

    x = k.Input((3,))
    return k.Model(x, L.Dense(2)(inner("second")(inner("first")(x))))


def one_in_the_other(k):
    """A model inside a model inside, and the layer called outside as well."""
    L = k.layers
    shared = L.Dense(3, activation="tanh", name="shared")
    x = k.Input((3,))
    deep = k.Model(x, shared(x), name="deep")
    y = k.Input((3,))
    middle = k.Model(y, L.Subtract()([deep(L.Dense(3, name="own")(y)), y]), name="middle")
    z = k.Input((3,))
    return k.Model(z, shared(middle(z)))


for k, writer in [(keras, "keras3"), (tf_keras, "tfkeras")]:
    for make in [side_by_side, one_in_the_other]:
        k.backend.clear_session()
        model = make(k)
        model.set_weights([random.normal(scale=0.6, size=w.shape).astype("float32") for w in model.get_weights()])
        x = random.normal(size=(4, 3)).astype("float32")
        y = model.predict(x, verbose=0)
        place = str(FOLDER / f"shared_{make.__name__}_{writer}")
        for ending in ["keras", "h5"] if k is keras else ["h5"]:
            model.save(f"{place}.{ending}")
        np.savez(f"{place}.in.npz", i0=x)
        np.savez(f"{place}.ref.npz", o0=y)
