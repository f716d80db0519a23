"""Makes layers-extra-<family>.h5: settings of layers that the golden files kept beside the package do not have.

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install keras==3.15.1 tensorflow-cpu==2.21.0 tf-keras==2.21.0 h5py==3.14.0 numpy==2.4.6
    /tmp/venv/bin/python Tests/Goldens/make_layers.py Tests/Goldens spatial

The format is that of every golden file, `golden/1`: a group for each case with the layer's settings as JSON, its
inputs and weights, what Keras made of them, and the gradients. A family is a function at the end of this file.
"""

import json
import os
import pathlib
import sys

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import h5py
import keras
import numpy as np
import tensorflow as tf
import tf_keras

assert keras.__version__ == "3.15.1", keras.__version__

SEED = 1202


def runnable(compute):
    """What `compute` returns; some things TensorFlow can do on a CPU only when compiled."""
    try:
        return compute()
    except (tf.errors.OpError, NotImplementedError):
        return tf.function(compute, jit_compile=True)()


class Cases:
    """The file of one family: every call to `layer` adds a case."""

    def __init__(self, path, family):
        # Not the earliest version of the container, whose tables of names would be half of the file.
        self.file = h5py.File(path, "w", libver=("v108", "v108"))
        self.file.attrs.update(
            format="golden/1", family="layers", keras_version=keras.__version__, seed=SEED)
        self.cases = self.file.create_group("cases")
        self.family = family
        self.rng = np.random.default_rng(SEED)

    def numbers(self, *shape, dtype="float32", ties=False):
        """Random numbers; with ties, whole ones among which many are equal."""
        if dtype != "float32" or ties:
            return self.rng.integers(0 if dtype.startswith("u") else -3, 4, shape).astype(dtype)
        return self.rng.normal(size=shape).astype("float32")

    def layer(self, layer, *inputs, masks=None, training=False, kwargs=None, api=keras):
        """Adds a case: a layer called on arrays, with gradients where there are real numbers."""
        kwargs = kwargs or {}
        tensors = [tf.constant(x) for x in inputs]
        if not layer.built:
            layer.build(inputs[0].shape if len(inputs) == 1 else [value.shape for value in inputs])
        for weight in layer.weights:
            weight.assign(self.numbers(*weight.shape) * 0.7)
        before = [np.asarray(w) for w in layer.weights]

        def call(*values):
            # Set anew for every call: some layers take the masks off their inputs.
            for value, mask in zip(values, masks or []):
                if mask is not None:
                    value._keras_mask = tf.constant(mask)
            given = values[0] if len(values) == 1 else list(values)
            arguments = dict(kwargs, training=training) if self._takes_training(layer) else kwargs
            return tf.nest.flatten(layer(given, **arguments))

        real = [i for i, x in enumerate(inputs) if x.dtype.kind == "f"]
        outputs = runnable(lambda: call(*tensors))
        added = float(sum(layer.losses)) if layer.losses else 0.0
        after = [np.asarray(w) for w in layer.weights]
        cotangents = [self.numbers(*y.shape) for y in outputs if y.dtype.is_floating]
        trainable = [getattr(w, "value", w) if api is keras else w for w in layer.trainable_weights]

        def scalar_gradients():
            with tf.GradientTape() as tape:
                for i in real:
                    tape.watch(tensors[i])
                results = [y for y in call(*tensors) if y.dtype.is_floating]
                scalar = sum(tf.reduce_sum(y * c) for y, c in zip(results, cotangents))
            return tape.gradient(
                scalar, [tensors[i] for i in real] + trainable, unconnected_gradients="zero")

        gradients = None
        if cotangents and (real or trainable):
            for weight, value in zip(layer.weights, before):
                weight.assign(value)
            gradients = runnable(scalar_gradients)
            gradients = [np.asarray(tf.convert_to_tensor(g)) for g in gradients]

        name = f"{'' if api is keras else 'k2-'}{type(layer).__name__}"
        number = 1 + sum(other.rsplit("-", 1)[0] == f"{self.family}-{name}" for other in self.cases)
        group = self.cases.create_group(f"{self.family}-{name}-{number:02}")
        group.attrs["kind"] = "layer"
        group.attrs["config"] = json.dumps(api.layers.serialize(layer))
        if api is not keras:
            group.attrs["api"] = "tf_keras"
        described = {"training": training}
        if kwargs:
            described["kwargs"] = kwargs
        group.attrs["call"] = json.dumps(described)
        arrays = [np.asarray(y) for y in outputs] + (gradients or [])
        scale = max([1.0] + [float(np.abs(a).max()) for a in arrays if a.size and a.dtype.kind == "f"])
        group.attrs["rtol"], group.attrs["atol"] = 1e-4, 2e-5 * scale

        def store(folder, values, names=None):
            for i, value in enumerate(values):
                value = np.asarray(value)
                data = group.create_dataset(
                    f"{folder}/{i}", data=value.astype("uint8") if value.dtype == bool else value)
                if names:
                    data.attrs["name"] = names[i]

        paths = [getattr(w, "path", w.name) if api is keras else w.name for w in layer.weights]
        store("inputs", inputs)
        for i, mask in enumerate(masks or []):
            if mask is not None:
                group[f"masks/{i}"] = mask.astype("uint8")
        store("weights", before, paths)
        store("outputs", outputs)
        if added:
            group["added_loss"] = np.float32(added)
        if any((a != b).any() for a, b in zip(before, after)):
            store("weights_after", after)
        if gradients is not None:
            store("cotangents", cotangents)
            for i, gradient in zip(real, gradients):
                group[f"grad_inputs/{i}"] = gradient
            store("grad_weights", gradients[len(real):])

    @staticmethod
    def _takes_training(layer):
        return getattr(layer, "_call_has_training_arg", False) or getattr(layer, "_expects_training_arg", False)


def spatial(add):
    """Convolution, pooling, reshaping and locally connected layers at their corners."""
    L, x = keras.layers, add.numbers
    # Left out because Keras 3.15.1 on TensorFlow 2.21 is wrong about them: a sum with a vector that fits the second or
    # the last axis is taken for a bias along that axis (channels that come first and are as many as the last axis is
    # long, the projection's bias of attention whose heads are as many as its steps, `Add` of [2, 2] and [2, 1]);
    # gradients of a transposed 3D convolution with strides beyond its kernel, and of an adaptive maximum in one part
    # along an axis; padded 3D pooling and convolutions with strides beyond their windows (without oneDNN); and
    # gradients of 3D maxima that are equal, each of which gets all.
    biased = {"bias_initializer": "ones"}
    # Even kernels, odd lengths, strides that leave something over, kernels larger than the input.
    add.layer(L.Conv1D(3, 4, strides=2, padding="same"), x(2, 7, 2))
    add.layer(L.Conv1D(2, 4, padding="causal", strides=3), x(2, 8, 2))
    add.layer(L.Conv1D(4, 3, padding="causal", dilation_rate=3, groups=2, data_format="channels_first"), x(1, 4, 6))
    add.layer(L.Conv1D(2, 9, padding="same", activation="softmax", data_format="channels_first"), x(1, 3, 4))
    add.layer(L.Conv2D(4, (2, 4), strides=(2, 1), padding="SAME", groups=2, **biased), x(1, 5, 6, 4))
    add.layer(L.Conv2D(2, (3, 2), dilation_rate=(1, 3), padding="same"), x(1, 5, 4, 2))
    add.layer(L.Conv2D(2, 2, strides=3, padding="same", use_bias=False), x(1, 7, 8, 1))
    add.layer(
        L.Conv2D(
            2, 1, strides=(3, 2), activation="relu", kernel_regularizer="l2", bias_regularizer="l1",
            activity_regularizer=keras.regularizers.L1(0.1), kernel_constraint="max_norm"),
        x(2, 4, 5, 3))
    add.layer(L.Conv2D(2, (3, 2), strides=(1, 2), padding="same", data_format="channels_first"), x(1, 3, 4, 5))
    add.layer(L.Conv2D(2, 3), x(0, 4, 4, 2))
    add.layer(L.Conv3D(2, (1, 2, 4), strides=(2, 1, 3), padding="same"), x(1, 3, 4, 5, 2))
    add.layer(L.Conv3D(2, 2, dilation_rate=(2, 1, 2), data_format="channels_first", groups=2), x(1, 2, 4, 3, 5))
    # Transposed: gaps between windows, output padding, holes.
    add.layer(L.Conv1DTranspose(2, 2, strides=5), x(2, 3, 2))
    add.layer(L.Conv1DTranspose(2, 4, strides=3, padding="same", data_format="channels_first"), x(1, 2, 4))
    add.layer(L.Conv1DTranspose(2, 3, dilation_rate=3, padding="same"), x(1, 5, 2))
    add.layer(L.Conv1DTranspose(2, 4, strides=4, output_padding=3), x(1, 3, 2))
    add.layer(
        L.Conv2DTranspose(2, (5, 2), strides=(3, 2), output_padding=(2, 1), padding="same", activation="tanh"),
        x(1, 3, 4, 2))
    add.layer(L.Conv2DTranspose(3, (1, 4), strides=(2, 1), padding="same"), x(1, 3, 4, 2))
    add.layer(L.Conv2DTranspose(2, (2, 3), dilation_rate=(3, 1), data_format="channels_first"), x(1, 2, 3, 2))
    add.layer(L.Conv3DTranspose(2, (3, 2, 4), strides=(3, 2, 1), padding="same"), x(1, 2, 3, 2, 2))
    add.layer(L.Conv3DTranspose(2, (3, 2, 1), strides=2, output_padding=(1, 0, 1)), x(1, 2, 2, 2, 1))
    # Depthwise and separable: strides and holes at once.
    add.layer(L.DepthwiseConv1D(4, strides=3, dilation_rate=2, padding="same", depth_multiplier=2), x(1, 11, 2))
    add.layer(
        L.DepthwiseConv2D(
            (2, 4), dilation_rate=(2, 1), padding="same", data_format="channels_first",
            depthwise_regularizer="l2", depthwise_constraint="non_neg"),
        x(1, 3, 5, 6))
    add.layer(L.SeparableConv1D(3, 2, strides=2, dilation_rate=3, depth_multiplier=2), x(2, 9, 2))
    add.layer(
        L.SeparableConv2D(
            3, (2, 3), padding="same", data_format="channels_first", depth_multiplier=2, activation="softmax",
            pointwise_regularizer="l1"),
        x(1, 2, 4, 5))
    # Pools larger than the input, strides larger than the pool, ties, whole numbers.
    add.layer(L.MaxPooling1D(4, strides=3, padding="same"), x(2, 8, 2, ties=True))
    add.layer(L.MaxPooling2D((2, 3), strides=(1, 2), padding="same"), x(1, 5, 6, 2, ties=True))
    add.layer(L.MaxPooling2D(5, strides=2, padding="same", data_format="channels_first"), x(1, 2, 3, 4))
    add.layer(L.MaxPooling2D(2, padding="same"), x(1, 3, 5, 2, dtype="int32"))
    add.layer(L.MaxPooling3D((1, 2, 2), strides=(2, 3, 1)), x(1, 3, 5, 4, 2))
    add.layer(L.AveragePooling1D(5, strides=2, padding="same", data_format="channels_first"), x(1, 2, 4))
    add.layer(L.AveragePooling2D((4, 2), strides=(3, 5), padding="same"), x(1, 5, 6, 2))
    add.layer(L.AveragePooling3D(2, strides=(1, 2, 3), padding="same"), x(1, 3, 4, 5, 1))
    add.layer(L.GlobalMaxPooling1D(), x(2, 4, 3, ties=True))
    add.layer(L.GlobalMaxPooling2D(data_format="channels_first", keepdims=True), x(2, 3, 4, 2, dtype="int32"))
    add.layer(L.GlobalAveragePooling2D(), x(2, 3, 4, 2, dtype="int32"))
    mask = np.array([[1, 1, 0, 1], [0, 1, 0, 0]], bool)
    add.layer(L.GlobalAveragePooling1D(keepdims=True), x(2, 4, 3), masks=[mask])
    # More parts than elements, one part, parts of two lengths.
    add.layer(L.AdaptiveAveragePooling1D(5), x(1, 3, 2))
    add.layer(L.AdaptiveMaxPooling1D(4), x(2, 7, 2, ties=True))
    add.layer(L.AdaptiveMaxPooling2D((3, 4), data_format="channels_first"), x(1, 2, 7, 5, ties=True))
    add.layer(L.AdaptiveAveragePooling3D((1, 3, 2)), x(1, 2, 4, 5, 2))
    # Reshaping of whole numbers, of nothing, and to nothing.
    add.layer(L.Flatten(data_format="channels_first"), x(2, 3, 2, 2))
    add.layer(L.Flatten(), x(2, 0, 3))
    add.layer(L.Reshape((-1,)), x(2, 3, 2, dtype="int32"))
    add.layer(L.Permute((2, 1)), x(2, 3, 2, dtype="int32"))
    add.layer(L.RepeatVector(3), x(2, 2, dtype="int32"))
    add.layer(L.Cropping1D((0, 2)), x(1, 5, 2, dtype="uint8"))
    add.layer(L.Cropping2D(((1, 0), (0, 0)), data_format="channels_first"), x(1, 2, 3, 2, dtype="int32"))
    add.layer(L.Cropping3D((0, 1, 2)), x(1, 2, 3, 5, 1))
    add.layer(L.ZeroPadding1D((2, 0), data_format="channels_first"), x(1, 2, 3))
    add.layer(L.ZeroPadding2D((2, 1)), x(1, 2, 3, 2, dtype="int32"))
    add.layer(L.ZeroPadding3D(((0, 1), (2, 0), (0, 0))), x(1, 2, 1, 2, 1))
    # Upsampling of very small and very uneven pictures.
    add.layer(L.UpSampling1D(3), x(2, 2, 2, dtype="int32"))
    add.layer(L.UpSampling2D((3, 1), data_format="channels_first"), x(1, 2, 2, 3, dtype="uint8"))
    add.layer(L.UpSampling2D((5, 3), interpolation="bicubic"), x(1, 3, 2, 2))
    add.layer(L.UpSampling2D(3, interpolation="bicubic", data_format="channels_first"), x(1, 1, 1, 6))
    add.layer(L.UpSampling2D((1, 4), interpolation="bilinear"), x(1, 2, 3, 2, dtype="int32"))
    add.layer(L.UpSampling2D((7, 2), interpolation="bilinear"), x(1, 1, 3, 1))
    add.layer(L.UpSampling2D((2, 5), interpolation="lanczos3"), x(1, 7, 2, 1))
    add.layer(L.UpSampling2D((4, 3), interpolation="lanczos5"), x(1, 6, 11, 1))
    add.layer(L.UpSampling3D((1, 2, 3)), x(1, 2, 1, 2, 2, dtype="int32"))
    # Locally connected layers with the channels first, and windows that reach over the border.
    K = tf_keras.layers
    first = {"data_format": "channels_first", "bias_initializer": "ones"}
    for implementation in (1, 2, 3):
        add.layer(
            K.LocallyConnected1D(2, 3, strides=2, implementation=implementation, **first), x(2, 2, 7), api=tf_keras)
        add.layer(
            K.LocallyConnected2D(2, (2, 3), implementation=implementation, activation="relu", **first),
            x(1, 2, 4, 5), api=tf_keras)
    add.layer(K.LocallyConnected1D(2, 4, strides=2, padding="same", implementation=2), x(1, 6, 2), api=tf_keras)
    add.layer(
        K.LocallyConnected2D(2, (4, 2), strides=(2, 3), padding="same", implementation=3), x(1, 5, 6, 2),
        api=tf_keras)
    # What Keras 2 computed otherwise, or stored otherwise.
    add.layer(K.Conv1D(4, 3, strides=2, padding="causal", groups=2), x(1, 7, 4), api=tf_keras)
    add.layer(K.SeparableConv1D(2, 3, padding="causal"), x(1, 5, 2), api=tf_keras)
    add.layer(K.DepthwiseConv1D(3, depth_multiplier=2), x(1, 5, 2), api=tf_keras)
    add.layer(K.Conv2DTranspose(2, 3, strides=2, output_padding=1), x(1, 3, 2, 2), api=tf_keras)
    add.layer(K.UpSampling2D(2, interpolation="bilinear"), x(1, 2, 3, 1), api=tf_keras)


FAMILIES = {"spatial": spatial}

if __name__ == "__main__":
    folder, *names = sys.argv[1:]
    for name in names or FAMILIES:
        cases = Cases(pathlib.Path(folder) / f"layers-extra-{name}.h5", name)
        FAMILIES[name](cases)
        print(name, len(cases.cases))
        cases.file.close()
