"""Makes saved-preprocessing.h5 and the file it names: a model whose layers learnt vocabularies, bins and statistics.

    /tmp/venv/bin/python Tests/Goldens/make_saved_preprocessing.py Tests/Goldens

The environment is that of make_preprocessing.py.
"""

import json
import os
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import h5py
import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(5)
folder, name = sys.argv[1], "saved/preprocessing-keras.keras"

integers = keras.Input((3,), dtype="int64", name="integers")
numbers = keras.Input((2,), name="numbers")
plain = layers.IntegerLookup(mask_token=0, num_oov_indices=2)
plain.adapt(rng.integers(0, 9, 50))
weighted = layers.IntegerLookup(output_mode="tf_idf")
weighted.adapt(rng.integers(0, 6, (9, 4)))
counted = layers.IntegerLookup(output_mode="count", max_tokens=5)
counted.adapt(rng.integers(0, 9, 50))
given = layers.IntegerLookup(vocabulary=[4, 2, 1], output_mode="multi_hot")
bins = layers.Discretization(num_bins=3)
bins.adapt(rng.normal(size=100).astype(np.float32))
normal = layers.Normalization()
normal.adapt(rng.normal(size=(20, 2)).astype(np.float32) * 3)
outputs = [plain(integers), weighted(integers), counted(integers), given(integers), bins(numbers), normal(numbers)]
outputs.append(layers.Hashing(7, salt=[1, 2])(integers))
model = keras.Model([integers, numbers], outputs)
model.save(os.path.join(folder, name))

x = [rng.integers(0, 9, (4, 3)), rng.normal(size=(4, 2)).astype(np.float32)]
with h5py.File(os.path.join(folder, "saved-preprocessing.h5"), "w", libver=("earliest", "v108")) as file:
    file.attrs.update({"format": "golden/1", "family": "saved", "keras_version": keras.__version__, "seed": 5})
    group = file.create_group("cases/preprocessing-keras")
    group.attrs.update({
        "kind": "saved_model", "file": name, "saved_as": "keras", "config": json.dumps(keras.saving.serialize_keras_object(model)),
        "call": "{}", "rtol": 1e-5, "atol": 1e-5})
    for index, value in enumerate(x):
        group[f"inputs/{index}"] = value
    for index, value in enumerate(model(x)):
        group[f"outputs/{index}"] = np.asarray(value)
    for index, weight in enumerate(model.weights):
        group[f"weights/{index}"] = weight.numpy()
        group[f"weights/{index}"].attrs["name"] = weight.path
