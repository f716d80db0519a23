"""Makes layers-extra-augment.h5: layers that change pictures at random, as they predict.

Needs what make_layers.py needs:

    /tmp/venv/bin/python Tests/Goldens/make_layers_augment.py Tests/Goldens
"""

import pathlib
import sys

from make_layers import Cases, keras, tf_keras

L, K = keras.layers, tf_keras.layers

CHANNELS_FIRST = {"data_format": "channels_first"}


def augment(add):
    for layer in [
        L.AugMix(num_chains=2), L.CutMix(factor=0.5), L.MixUp(alpha=0.3), L.RandAugment(num_ops=1, factor=0.2),
        L.MaxNumBoundingBoxes(max_number=3),
        L.RandomBrightness((-0.3, 0.2), value_range=(0, 1)), L.RandomColorDegeneration(0.5),
        L.RandomColorJitter(brightness_factor=0.2, hue_factor=(0.1, 0.3)), L.RandomContrast((0.1, 0.4), seed=3),
        L.RandomElasticTransform(factor=0.5), L.RandomErasing(factor=1.0, fill_value=7.0), L.RandomFlip("vertical"),
        L.RandomGaussianBlur(kernel_size=5), L.RandomGrayscale(1.0), L.RandomHue(0.5), L.RandomInvert(),
        L.RandomPerspective(scale=0.5), L.RandomPosterization(3), L.RandomRotation((-0.2, 0.3), fill_mode="wrap"),
        L.RandomSaturation(0.9), L.RandomSharpness(0.8), L.RandomShear(0.3, (0.1, 0.2), fill_value=1.5),
        L.RandomTranslation(0.2, (-0.1, 0.3), fill_mode="nearest"), L.RandomZoom(0.3, interpolation="nearest"),
        L.Solarization(0.5, 0.25), L.RandomCrop(3, 9, seed=1), L.RandomCrop(2, 3, seed=1, **CHANNELS_FIRST),
        L.Pipeline([
            L.RandomFlip(), L.Rescaling(1 / 255.0), L.Pipeline([L.CenterCrop(3, 4), L.RandomRotation(0.1)]),
            L.RandomFlip("horizontal"),
        ]),
    ]:
        add.layer(layer, add.numbers(1, 5, 6, 3))
    # One picture, and whole numbers.
    add.layer(L.RandomFlip(), add.numbers(5, 6, 3))
    add.layer(L.RandomContrast(0.5), add.numbers(1, 5, 6, 3, dtype="uint8"))
    # Before Keras 3, predictions are cropped.
    for size in [(3, 4), (4, 3), (7, 4), (9, 9), (5, 6)]:
        add.layer(K.RandomCrop(*size), add.numbers(1, 5, 6, 3), api=tf_keras)
    for layer in [
        K.RandomBrightness(0.3), K.RandomContrast(0.2), K.RandomFlip(), K.RandomHeight(0.2), K.RandomRotation(0.2),
        K.RandomTranslation(0.2, 0.1), K.RandomWidth((-0.1, 0.3)), K.RandomZoom(0.3),
    ]:
        add.layer(layer, add.numbers(1, 5, 6, 3), api=tf_keras)
    add.layer(K.RandomFlip(), add.numbers(1, 5, 6, 3, dtype="int32"), api=tf_keras)


if __name__ == "__main__":
    cases = Cases(pathlib.Path(sys.argv[1]) / "layers-extra-augment.h5", "augment")
    augment(cases)
    print(len(cases.cases))
    cases.file.close()
