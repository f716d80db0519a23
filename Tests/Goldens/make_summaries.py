"""Writes what Keras prints for the models of Tests/KerasModelsTests/SummaryTests.swift.

    pip install keras==3.15.1 tensorflow-cpu==2.21.0 rich==15.0.0
    python Tests/Goldens/make_summaries.py

Each text goes to Tests/Goldens/summaries/NAME.txt. Models are built by the same names in Swift; rich crops
what is wider than the terminal, so every case says how wide it is.
"""

import os
import pathlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
from keras.layers import (
    Activation, Add, AveragePooling2D, BatchNormalization, Conv2D, Dense, DepthwiseConv2D, Dropout, Flatten,
    GlobalAveragePooling2D, GlobalMaxPooling2D, Input, MaxPooling2D, ReLU, Reshape, ZeroPadding2D,
)

assert keras.__version__ == "3.15.1", keras.__version__

FOLDER = pathlib.Path(__file__).parent / "summaries"


def vgg():
    """A stack of convolutions and a classifier with 100 million parameters."""
    image = Input((224, 224, 3))
    x = Conv2D(64, 3, padding="same", activation="relu", name="block1_conv1")(image)
    x = Conv2D(64, 3, padding="same", activation="relu", name="block1_conv2")(x)
    x = MaxPooling2D(2, name="block1_pool")(x)
    x = MaxPooling2D(16, name="block2_to_block5_in_one_pool")(x)
    x = Conv2D(512, 1, name="block5_conv3")(x)
    x = Flatten(name="flatten")(x)
    x = Dense(4096, activation="relu", name="fc1")(x)
    x = Dropout(0.5)(x)
    return keras.Model(image, Dense(1000, activation="softmax", name="predictions")(x), name="vgg")


def mobilenet():
    image = Input((96, 96, 3))
    x = image
    for number, (filters, stride) in enumerate([(16, 1), (32, 2), (64, 2)], 1):
        if stride > 1:
            x = ZeroPadding2D(((0, 1), (0, 1)), name=f"conv_pad_{number}")(x)
        x = DepthwiseConv2D(
            3, strides=stride, padding="same" if stride == 1 else "valid", use_bias=False,
            name=f"conv_dw_{number}")(x)
        x = BatchNormalization(name=f"conv_dw_{number}_bn")(x)
        x = ReLU(6.0, name=f"conv_dw_{number}_relu")(x)
        x = Conv2D(filters, 1, padding="same", use_bias=False, name=f"conv_pw_{number}")(x)
        x = BatchNormalization(name=f"conv_pw_{number}_bn")(x)
        x = ReLU(6.0, name=f"conv_pw_{number}_relu")(x)
    x = GlobalAveragePooling2D(keepdims=True)(x)
    x = Dropout(0.001, name="dropout")(x)
    x = Conv2D(10, 1, padding="same", name="conv_preds")(x)
    x = Reshape((10,), name="reshape_2")(x)
    return keras.Model(image, Activation("softmax", name="predictions")(x), name="mobilenet_0.25_96")


def resnet_block(x, filters, stride, widens, name):
    if widens:
        shortcut = Conv2D(4 * filters, 1, strides=stride, name=name + "_0_conv")(x)
        shortcut = BatchNormalization(epsilon=1.001e-5, name=name + "_0_bn")(shortcut)
    else:
        shortcut = x
    x = Conv2D(filters, 1, strides=stride, name=name + "_1_conv")(x)
    x = BatchNormalization(epsilon=1.001e-5, name=name + "_1_bn")(x)
    x = Activation("relu", name=name + "_1_relu")(x)
    x = Conv2D(filters, 3, padding="same", name=name + "_2_conv")(x)
    x = BatchNormalization(epsilon=1.001e-5, name=name + "_2_bn")(x)
    x = Activation("relu", name=name + "_2_relu")(x)
    x = Conv2D(4 * filters, 1, name=name + "_3_conv")(x)
    x = BatchNormalization(epsilon=1.001e-5, name=name + "_3_bn")(x)
    x = Add(name=name + "_add")([shortcut, x])
    return Activation("relu", name=name + "_out")(x)


def resnet():
    image = Input((None, None, 3))
    x = ZeroPadding2D(3, name="conv1_pad")(image)
    x = Conv2D(64, 7, strides=2, name="conv1_conv")(x)
    x = BatchNormalization(epsilon=1.001e-5, name="conv1_bn")(x)
    x = Activation("relu", name="conv1_relu")(x)
    x = ZeroPadding2D(1, name="pool1_pad")(x)
    x = MaxPooling2D(3, strides=2, name="pool1_pool")(x)
    x = resnet_block(x, 64, 1, True, "conv2_block1")
    x = resnet_block(x, 64, 1, False, "conv2_block2")
    x = resnet_block(x, 128, 2, True, "conv3_block1")
    return keras.Model(image, GlobalAveragePooling2D(name="avg_pool")(x), name="resnet")


def preactivated(x, filters, stride, widens, name):
    y = BatchNormalization(epsilon=1.001e-5, name=name + "_preact_bn")(x)
    y = Activation("relu", name=name + "_preact_relu")(y)
    if widens:
        shortcut = Conv2D(4 * filters, 1, strides=stride, name=name + "_0_conv")(y)
    else:
        shortcut = MaxPooling2D(1, strides=stride)(x) if stride > 1 else x
    y = Conv2D(filters, 1, use_bias=False, name=name + "_1_conv")(y)
    y = BatchNormalization(epsilon=1.001e-5, name=name + "_1_bn")(y)
    y = Activation("relu", name=name + "_1_relu")(y)
    y = ZeroPadding2D(1, name=name + "_2_pad")(y)
    y = Conv2D(filters, 3, strides=stride, use_bias=False, name=name + "_2_conv")(y)
    y = Conv2D(4 * filters, 1, name=name + "_3_conv")(y)
    return Add(name=name + "_out")([shortcut, y])


def resnet_v2():
    image = Input((64, 64, 3))
    x = preactivated(image, 8, 1, True, "conv2_block1")
    x = preactivated(x, 8, 2, False, "conv2_block2")
    x = preactivated(x, 16, 2, True, "conv3_block1")
    return keras.Model(image, GlobalMaxPooling2D(name="max_pool")(x), name="resnet_v2")


def two_in_two_out():
    left = Input((8,), name="left")
    right = Input((3, 4), name="right")
    unused = Input((2,))
    a = Dense(6, activation="relu")(left)
    b = Dense(6)(Flatten()(right))
    both = Add()([a, b])
    return keras.Model([left, right, unused], [Dense(3, name="scores")(both), Dense(1)(a)])


def shared():
    """One layer called on two inputs and once more on its own result's sum."""
    first, second = Input((5,)), Input((5,))
    dense = Dense(5, name="tower")
    total = Add()([dense(first), dense(second), first])
    return keras.Model([first, second], dense(total), name="shared")


def shared_chain():
    x = Input((4,))
    dense = Dense(4)
    return keras.Model(x, dense(dense(x)))


def nested():
    inner_in = Input((4,), name="inner_input")
    hidden = Dense(2)(inner_in)
    inner = keras.Model(inner_in, [hidden, Dense(3)(hidden)], name="inner")
    middle_in = Input((4,))
    y, z = inner(middle_in)
    middle = keras.Model(middle_in, Add()([Dense(3)(y), z]), name="middle_with_a_rather_long_name")
    outer = Input((4,))
    return keras.Model(outer, Dropout(0.1)(middle(outer)))


def nested_chain():
    image = Input((16, 16, 3))
    features = keras.Model(image, AveragePooling2D(2)(Conv2D(4, 3)(image)), name="features")
    features.trainable = False
    x = Input((16, 16, 3))
    return keras.Model(x, Dense(2)(Flatten()(features(x))), name="tuned")


def partly_frozen():
    model = resnet_v2()
    for layer in model.layers[:6]:
        layer.trainable = False
    return model


def long_names():
    x = Input((1,), name="an_input_with_a_name_far_beyond_what_any_column_can_hold_on_one_line")
    y = Dense(1_000_000, name="a" * 40)(x)
    z = Dense(1_000_000, name="b" * 21)(x)
    return keras.Model(x, Add(name="c")([y, z]), name="long-names")


def stack():
    """A chain whose layers learn their shapes later; some of them are nonetheless built, for Keras."""
    inner = keras.Sequential([Dense(4, name="hidden"), Flatten(name="flat")], name="inner")
    return keras.Sequential([inner, Dropout(0.5, name="drop"), Dense(2, name="head")], name="stack")


def built_stack():
    model = stack()
    model.build((None, 3))
    return model


class Tower(keras.Model):
    """Layers as properties, connected by code."""

    def __init__(self):
        super().__init__(name="tower")
        self.hidden = Dense(4, name="hidden")
        self.head = Dense(2, name="head")

    def call(self, x):
        return self.head(self.hidden(x))


def called_tower():
    model = Tower()
    model(np.zeros((2, 5, 3), "float32"))
    return model


CASES = {
    "vgg": (vgg, 80, {}),
    "vgg_wide": (vgg, 200, {}),
    "vgg_range": (vgg, 80, dict(layer_range=("block1", "flat"))),
    "vgg_range_backwards": (vgg, 80, dict(layer_range=("fc1", r"block\d_conv\d"))),
    "mobilenet": (mobilenet, 80, {}),
    "mobilenet_60": (mobilenet, 80, dict(line_length=60)),
    "resnet": (resnet, 80, {}),
    "resnet_wide": (resnet, 200, {}),
    "resnet_v2": (resnet_v2, 80, {}),
    "resnet_v2_trainable": (partly_frozen, 200, dict(show_trainable=True)),
    "two_in_two_out": (two_in_two_out, 80, {}),
    "two_in_two_out_24": (two_in_two_out, 80, dict(line_length=24)),
    "shared": (shared, 80, {}),
    "shared_chain": (shared_chain, 100, {}),
    "nested": (nested, 80, {}),
    "nested_expanded": (nested, 120, dict(expand_nested=True, show_trainable=True)),
    "nested_chain": (nested_chain, 80, dict(expand_nested=True, show_trainable=True)),
    "stack": (stack, 120, dict(expand_nested=True)),
    "stack_built": (built_stack, 120, dict(expand_nested=True, show_trainable=True)),
    "tower": (Tower, 120, {}),
    "tower_called": (called_tower, 120, {}),
    "long_names": (long_names, 80, {}),
    "long_names_150": (long_names, 200, dict(line_length=150)),
    "positions": (vgg, 200, dict(line_length=100, positions=[0.3, 0.5, 0.8])),
    "positions_even": (mobilenet, 200, dict(line_length=71, positions=[0.33, 0.66, 1.0], show_trainable=True)),
}


def main():
    FOLDER.mkdir(exist_ok=True)
    for name, (build, columns, arguments) in CASES.items():
        keras.utils.clear_session()
        os.environ["COLUMNS"] = str(columns)
        lines = []
        build().summary(print_fn=lines.append, **arguments)
        (FOLDER / f"{name}.txt").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
