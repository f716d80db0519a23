"""Grad-CAM by real Keras, as `explanations.json` for Tests/KerasApplicationsTests/GradCAMTests.swift.

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install keras==3.15.1 tensorflow-cpu==2.21.0 tf-keras==2.21.0 h5py==3.14.0
    /tmp/venv/bin/python Tests/Goldens/make_explanations.py Tests/Goldens/explanations.json

After https://keras.io/examples/vision/grad_cam/: the last activation is removed, the gradient of the class's score by
the layer's features is averaged over the picture. Weights and pictures follow the formula of make_applications.py,
moving averages included; those of a nested model are numbered where it stands. `nested` is built by the Swift test with
the same layers.
"""
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
from keras import layers  # noqa: E402
from make_applications import FIRST_IMAGE, uniform, weight  # noqa: E402


def leaves(model):
    for layer in model.layers:
        yield from leaves(layer) if isinstance(layer, keras.Model) else [layer]


def set_weights(model, gamma_low):
    number = 0
    for layer in leaves(model):
        for variable in layer.weights:
            variable.assign(weight(number, layer, variable, gamma_low))
            number += 1


def residual_base():
    """Two residual blocks, the second with strides, as ResNets have them."""
    image = keras.Input((None, None, 3))
    x = layers.Conv2D(8, 3, strides=2, padding="same", name="stem")(image)
    for number, strides in enumerate([1, 2], start=1):
        filters = 8 * number
        shortcut = x if strides == 1 else layers.Conv2D(
            filters, 1, strides=strides, name=f"block{number}_0_conv")(x)
        y = layers.Conv2D(filters, 3, strides=strides, padding="same", name=f"block{number}_1_conv")(x)
        y = layers.BatchNormalization(name=f"block{number}_1_bn")(y)
        y = layers.Activation("relu", name=f"block{number}_1_relu")(y)
        y = layers.Conv2D(filters, 3, padding="same", name=f"block{number}_2_conv")(y)
        x = layers.Add(name=f"block{number}_add")([shortcut, y])
        x = layers.Activation("relu", name=f"block{number}_out")(x)
    return keras.Model(image, x, name="base")


def nested(units, activation):
    image = keras.Input((48, 64, 3))
    x = residual_base()(image)
    x = layers.GlobalAveragePooling2D()(x)
    return keras.Model(image, layers.Dense(units, activation=activation, name="scores")(x))


def heat(logits_of, head, x, index):
    """`head` gives features; `logits_of` takes them on to the scores before the last activation."""
    with tf.GradientTape() as tape:
        features = head(x)
        tape.watch(features)
        logits = logits_of(features)
        score = logits[:, index] if logits.shape[1] > 1 else (logits[:, 0] if index == 1 else -logits[:, 0])
    gradient = tape.gradient(score, features)
    importance = tf.reduce_mean(gradient, axis=(0, 1, 2))
    raw = tf.nn.relu(tf.squeeze(features[0] @ importance[..., tf.newaxis], axis=-1)).numpy()
    return raw / raw.max() if raw.max() > 0 else raw


def case(name, layer, picture, index, probability, values):
    return {"model": name, "layer": layer, "picture": picture, "class": int(index),
            "probability": float(probability), "shape": list(values.shape),
            "values": [round(float(v), 7) for v in values.ravel()]}


def pixels(number, height, width):
    return np.floor(256 * uniform(FIRST_IMAGE + number, height * width * 3)).reshape(1, height, width, 3)


def mobilenet_cases():
    model = keras.applications.MobileNet(input_shape=(96, 96, 3), alpha=0.25, weights=None, classes=10)
    set_weights(model, 0.8)
    model.layers[-1].activation = keras.activations.linear
    for number, name in [(0, "conv_pw_13_relu"), (1, "conv_pw_5_relu")]:
        x = (pixels(number, 96, 96) / 127.5 - 1).astype(np.float32)
        place = [layer.name for layer in model.layers].index(name)
        logits = model(x).numpy()[0]
        probabilities = np.exp(logits) / np.exp(logits).sum()
        for index in [int(probabilities.argmax()), 3]:
            head = keras.Model(model.inputs, model.layers[place].output)
            rest = keras.Sequential(model.layers[place + 1:])
            yield case("mobilenet", name, number, index, probabilities[index], heat(rest, head, x, index))


def nested_cases():
    for units, activation in [(5, "softmax"), (1, "sigmoid")]:
        model = nested(units, activation)
        set_weights(model, 0.8)
        base, dense = model.get_layer("base"), model.get_layer("scores")
        for number, name in [(0, "base/block2_out"), (1, "base/block1_out")]:
            x = pixels(number, 48, 64).astype(np.float32) / 255
            output = model(x).numpy()[0]
            probabilities = output if units > 1 else np.array([1 - output[0], output[0]])
            tapped = keras.Model(base.inputs, base.get_layer(name.split("/")[1]).output)
            # From the features on: what the base does behind them, then the head without its activation.
            inner = base.get_layer(name.split("/")[1]).output
            rest = (lambda features: features) if inner is base.output else keras.Model(inner, base.output)

            def logits(features):
                pooled = tf.reduce_mean(rest(features), axis=(1, 2))
                return pooled @ dense.kernel + dense.bias
            for index in range(2):
                yield case(activation, name, number, index, probabilities[index], heat(logits, tapped, x, index))


def main():
    with open(sys.argv[1], "w") as file:
        cases = [*mobilenet_cases(), *nested_cases()]
        lines = ",\n".join(json.dumps(c) for c in cases)
        file.write(f'{{"keras_version": "{keras.__version__}", "cases": [\n{lines}\n]}}\n')


main()
