"""The recipe of `keras finetune` (head only) in Keras, to compare accuracies: python finetune_in_keras.py TRAIN VAL WEIGHTS

TRAIN and VAL hold a folder of pictures for each class, WEIGHTS are those of MobileNet with alpha 0.25. Prints a line for
each of five seeds, then mean and range.
"""

import pathlib
import sys

import keras
import numpy as np
from PIL import Image


def pictures(folder):
    pixels, labels = [], []
    for label, place in enumerate(sorted(p for p in pathlib.Path(folder).iterdir() if p.is_dir())):
        for file in sorted(place.glob("*.jpg")):
            image = Image.open(file).convert("RGB").resize((224, 224), Image.NEAREST)
            pixels.append(np.asarray(image, np.float32) / 127.5 - 1)
            labels.append(label)
    return np.stack(pixels), np.array(labels)


def main(train, val, weights):
    (x, y), (held_x, held_y) = pictures(train), pictures(val)
    base = keras.applications.MobileNet(alpha=0.25, weights=None, input_shape=(224, 224, 3))
    base.load_weights(weights)
    pooled = keras.layers.GlobalAveragePooling2D()(base.get_layer("conv_pw_13_relu").output)
    extractor = keras.Model(base.input, pooled)
    x, held_x = extractor.predict(x, verbose=0), extractor.predict(held_x, verbose=0)
    accuracies = []
    for seed in range(5):
        keras.utils.set_random_seed(seed)
        features = keras.Input(x.shape[1:])
        scores = keras.layers.Dense(int(y.max()) + 1, activation="softmax")(keras.layers.Dropout(0.2)(features))
        head = keras.Model(features, scores)
        head.compile(keras.optimizers.Adam(1e-3), loss="sparse_categorical_crossentropy", metrics=["accuracy"])
        stopping = keras.callbacks.EarlyStopping(patience=5, restore_best_weights=True)
        head.fit(x, y, epochs=50, validation_data=(held_x, held_y), callbacks=[stopping], verbose=0)
        found = head.evaluate(held_x, held_y, verbose=0, return_dict=True)
        print(seed, found, flush=True)
        accuracies.append(found["accuracy"])
    print(f"mean {np.mean(accuracies):.4f}, {min(accuracies):.4f} to {max(accuracies):.4f}")


main(*sys.argv[1:])
