"""Files as Keras 1 and 2 wrote them, by hand, with what they compute, in the container `golden/1`.

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install keras==3.15.1 tensorflow-cpu==2.21.0 h5py==3.14.0
    /tmp/venv/bin/python Tests/Goldens/make_old_files.py Tests/Goldens/old-files.h5

The old versions no longer install, so each file is written attribute by attribute as theirs were: fixed-length names,
configurations with the arguments of their day, gates of recurrent layers one by one, kernels in Theano's order and
turned round, weights of cuDNN's layers. Outputs come from Keras 3 with the same weights in today's order or, of classes that
only Keras 1 had, from NumPy. The files are put into the folder `old` beside the cases.
"""
import json
import os
import pathlib
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
import h5py  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
from keras import layers as L  # noqa: E402

random = np.random.default_rng(20160414)


def array(*shape):
    return random.normal(scale=0.5, size=shape).astype(np.float32)


def old_hard_sigmoid(x):
    return keras.ops.clip(0.2 * x + 0.5, 0, 1)


def flipped(kernel, axes):
    return np.flip(kernel, axes)


class Case:
    """`stored` are the layers of the file, each a name and its weights by name; `model` is today's, with its weights."""

    def __init__(self, name, config, stored, model, weights, x, version=None, backend=None):
        self.name, self.config, self.stored, self.model = name, config, stored, model
        self.weights, self.x, self.version, self.backend = weights, x, version, backend

    def write(self, folder):
        with h5py.File(folder / f"{self.name}.h5", "w", libver="earliest") as file:
            file.attrs["model_config"] = np.bytes_(json.dumps(self.config))
            group = file.create_group("model_weights")
            for place in (file, group):
                if self.version:
                    place.attrs["keras_version"] = np.bytes_(self.version)
                if self.backend:
                    place.attrs["backend"] = np.bytes_(self.backend)
            group.attrs["layer_names"] = np.array([name.encode() for name, _ in self.stored])
            for name, weights in self.stored:
                layer = group.create_group(name)
                layer.attrs["weight_names"] = np.array([key.encode() for key in weights]) if weights else np.zeros(0)
                for key, value in weights.items():
                    layer.create_dataset(key, data=value)

    def outputs(self):
        self.model.set_weights(self.weights)
        return np.asarray(self.model.predict(self.x, verbose=0))


# Keras 1 -------------------------------------------------------------------------------------------------------

def convolution1(name, filters, rows, columns, ordering="tf", **more):
    return {"class_name": "Convolution2D", "config": {
        "name": name, "trainable": True, "nb_filter": filters, "nb_row": rows, "nb_col": columns,
        "init": "glorot_uniform", "activation": "relu", "border_mode": "same", "subsample": [1, 1],
        "dim_ordering": ordering, "W_regularizer": None, "b_regularizer": None, "activity_regularizer": None,
        "W_constraint": None, "b_constraint": None, "bias": True, **more}}


def dense1(name, units, activation="linear", **more):
    return {"class_name": "Dense", "config": {
        "name": name, "trainable": True, "output_dim": units, "init": "glorot_uniform", "activation": activation,
        "W_regularizer": None, "b_regularizer": None, "activity_regularizer": None, "W_constraint": None,
        "b_constraint": None, "bias": True, "input_dim": None, **more}}


def recurrent1(kind, name, units, **more):
    return {"class_name": kind, "config": {
        "name": name, "trainable": True, "return_sequences": False, "go_backwards": False, "stateful": False,
        "unroll": False, "consume_less": "cpu", "input_dim": None, "input_length": None, "output_dim": units,
        "init": "glorot_uniform", "inner_init": "orthogonal", "activation": "tanh", "W_regularizer": None,
        "U_regularizer": None, "b_regularizer": None, "dropout_W": 0.0, "dropout_U": 0.0, **more}}


def simple(kind, name, **config):
    return {"class_name": kind, "config": {"name": name, "trainable": True, **config}}


def images_of_keras_1():
    k, b = array(3, 2, 2, 4), array(4)
    gamma, beta, mean, variance = array(4), array(4), array(4), np.abs(array(4)) + 0.5
    d, e = array(3 * 3 * 4, 3), array(3)
    config = {"class_name": "Sequential", "config": [
        convolution1("convolution2d_1", 4, 3, 2, batch_input_shape=[None, 6, 6, 2], input_dtype="float32",
                     W_regularizer={"name": "WeightRegularizer", "l1": 0.0, "l2": 0.01}),
        simple("BatchNormalization", "batchnormalization_1", mode=0, axis=-1, epsilon=0.001, momentum=0.99,
               gamma_regularizer=None, beta_regularizer=None),
        simple("MaxPooling2D", "maxpooling2d_1", pool_size=[2, 2], strides=[2, 2], border_mode="valid",
               dim_ordering="tf"),
        simple("Dropout", "dropout_1", p=0.25),
        simple("Flatten", "flatten_1"),
        dense1("dense_1", 3, "softmax", W_constraint={"name": "MaxNorm", "m": 2, "axis": 0}),
    ]}
    model = keras.Sequential([
        keras.Input((6, 6, 2)), L.Conv2D(4, (3, 2), padding="same", activation="relu"), L.BatchNormalization(),
        L.MaxPooling2D(), L.Flatten(), L.Dense(3, activation="softmax")])
    stored = [
        ("convolution2d_1", {"convolution2d_1_W": k, "convolution2d_1_b": b}),
        ("batchnormalization_1", {
            "batchnormalization_1_gamma": gamma, "batchnormalization_1_beta": beta,
            "batchnormalization_1_running_mean": mean, "batchnormalization_1_running_std": variance}),
        ("maxpooling2d_1", {}), ("dropout_1", {}), ("flatten_1", {}),
        ("dense_1", {"dense_1_W": d, "dense_1_b": e})]
    return Case("keras1_images", config, stored, model, [k, b, gamma, beta, mean, variance, d, e],
                array(3, 6, 6, 2), version="1.2.2")


def gates(name, letters, parts):
    """Kernel, recurrent kernel and bias of each gate, under the names of Keras 1."""
    return {f"{name}_{what}_{letter}": part for letter in letters for what, part in zip("WUb", parts[letter])}


def text_of_keras_1():
    words = array(12, 5)
    k, b = array(3, 5, 4), array(4)
    lstm = {letter: (array(4, 3), array(3, 3), array(3)) for letter in "icfo"}
    d, e = array(3, 1), array(1)
    config = {"class_name": "Sequential", "config": [
        simple("Embedding", "embedding_1", batch_input_shape=[None, 9], input_dtype="int32", input_dim=12,
               output_dim=5, init="uniform", input_length=9, mask_zero=False, W_regularizer=None,
               activity_regularizer=None, W_constraint=None, dropout=0.0),
        simple("Convolution1D", "convolution1d_1", input_dim=None, input_length=None, nb_filter=4, filter_length=3,
               init="uniform", activation="relu", border_mode="valid", subsample_length=1, W_regularizer=None,
               b_regularizer=None, activity_regularizer=None, W_constraint=None, b_constraint=None, bias=True),
        simple("MaxPooling1D", "maxpooling1d_1", pool_length=2, stride=2, border_mode="valid"),
        recurrent1("LSTM", "lstm_1", 3, inner_activation="hard_sigmoid", forget_bias_init="one"),
        dense1("dense_1", 1),
        simple("Activation", "activation_1", activation="sigmoid"),
    ]}
    model = keras.Sequential([
        keras.Input((9,), dtype="int32"), L.Embedding(12, 5), L.Conv1D(4, 3, activation="relu"), L.MaxPooling1D(),
        L.LSTM(3, recurrent_activation=old_hard_sigmoid), L.Dense(1, activation="sigmoid")])
    joined = [np.concatenate([lstm[letter][part] for letter in "ifco"], axis=-1) for part in range(3)]
    stored = [
        ("embedding_1", {"embedding_1_W": words}),
        ("convolution1d_1", {"convolution1d_1_W": k[:, None], "convolution1d_1_b": b}), ("maxpooling1d_1", {}),
        ("lstm_1", gates("lstm_1", "icfo", lstm)), ("dense_1", {"dense_1_W": d, "dense_1_b": e}),
        ("activation_1", {})]
    # Keras 1.0 did not say who wrote a file.
    return Case("keras1_text", config, stored, model, [words, k, b, *joined, d, e],
                random.integers(0, 12, size=(3, 9)).astype(np.int32))


def sequences_of_keras_1():
    gru = {letter: (array(2, 4), array(4, 4), array(4)) for letter in "zrh"}
    rnn = (array(4, 3), array(3, 3), array(3))
    d, e = array(4, 4), array(4)
    config = {"class_name": "Sequential", "config": [
        recurrent1("GRU", "gru_1", 4, inner_activation="hard_sigmoid", return_sequences=True,
                   batch_input_shape=[None, 5, 2], input_dtype="float32"),
        {"class_name": "TimeDistributed", "config": {
            "name": "timedistributed_1", "trainable": True, "layer": dense1("dense_1", 4, "tanh")}},
        recurrent1("SimpleRNN", "simplernn_1", 3),
    ]}
    model = keras.Sequential([
        keras.Input((5, 2)), L.GRU(4, recurrent_activation=old_hard_sigmoid, reset_after=False, return_sequences=True),
        L.TimeDistributed(L.Dense(4, activation="tanh")), L.SimpleRNN(3)])
    joined = [np.concatenate([gru[letter][part] for letter in "zrh"], axis=-1) for part in range(3)]
    stored = [
        ("gru_1", gates("gru_1", "zrh", gru)), ("timedistributed_1", {"dense_1_W": d, "dense_1_b": e}),
        ("simplernn_1", dict(zip(["simplernn_1_W", "simplernn_1_U", "simplernn_1_b"], rnn)))]
    return Case("keras1_sequences", config, stored, model, [*joined, d, e, *rnn], array(3, 5, 2), version="1.1.0")


def graph_of_keras_1():
    """Connected layers, channels first, kernels in Theano's order and turned round, a merge with a mode."""
    k, b, m, c = array(3, 3, 2, 3), array(3), array(1, 1, 2, 2), array(2)
    d, e = array(5 * 6 * 6, 2), array(2)
    shape = [None, 2, 6, 6]

    def layer(entry, *inputs):
        return {**entry, "name": entry["config"]["name"], "inbound_nodes": [[[i, 0, 0] for i in inputs]] if inputs else []}

    config = {"class_name": "Model", "config": {
        "name": "model_1",
        "layers": [
            layer({"class_name": "InputLayer", "config": {
                "name": "input_1", "batch_input_shape": shape, "input_dtype": "float32", "sparse": False}}),
            layer(convolution1("convolution2d_1", 3, 3, 3, "th"), "input_1"),
            layer(convolution1("convolution2d_2", 2, 1, 1, "th", activation="tanh"), "input_1"),
            layer({"class_name": "Merge", "config": {
                "name": "merge_1", "mode": "concat", "mode_type": "raw", "concat_axis": 1, "dot_axes": -1,
                "output_shape": None, "output_shape_type": "raw", "output_mask": None, "output_mask_type": "raw",
                "arguments": {}}}, "convolution2d_1", "convolution2d_2"),
            layer(simple("Flatten", "flatten_1"), "merge_1"),
            layer(dense1("dense_1", 2), "flatten_1"),
        ],
        "input_layers": [["input_1", 0, 0]], "output_layers": [["dense_1", 0, 0]]}}
    # Keras 3 on a CPU convolves channels last: the same with the axes brought there and back.
    x = keras.Input((2, 6, 6))
    last = L.Permute((2, 3, 1))(x)
    first = L.Permute((3, 1, 2))
    joined = L.Concatenate(axis=1)([
        first(L.Conv2D(3, 3, padding="same", activation="relu")(last)),
        L.Permute((3, 1, 2))(L.Conv2D(2, 1, activation="tanh")(last))])
    model = keras.Model(x, L.Dense(2)(L.Flatten()(joined)))
    theano = lambda kernel: flipped(kernel, (0, 1)).transpose(3, 2, 0, 1)
    stored = [
        ("input_1", {}), ("convolution2d_1", {"convolution2d_1_W": theano(k), "convolution2d_1_b": b}),
        ("convolution2d_2", {"convolution2d_2_W": theano(m), "convolution2d_2_b": c}), ("merge_1", {}),
        ("flatten_1", {}), ("dense_1", {"dense_1_W": d, "dense_1_b": e})]
    return Case("keras1_theano", config, stored, model, [k, b, m, c, d, e], array(3, 2, 6, 6), version="1.2.1",
                backend="theano")


def dilated_of_keras_1():
    k, b = array(3, 3, 1, 2), array(2)
    config = {"class_name": "Sequential", "config": [
        {"class_name": "AtrousConvolution2D", "config": {
            **convolution1("atrousconvolution2d_1", 2, 3, 3, border_mode="valid")["config"], "atrous_rate": [2, 2],
            "batch_input_shape": [None, 8, 8, 1], "input_dtype": "float32"}},
        simple("ZeroPadding2D", "zeropadding2d_1", padding=[1, 2], dim_ordering="tf"),
        simple("AveragePooling2D", "averagepooling2d_1", pool_size=[2, 2], strides=[2, 2], border_mode="valid",
               dim_ordering="tf"),
        simple("GlobalAveragePooling2D", "globalaveragepooling2d_1", dim_ordering="tf"),
    ]}
    model = keras.Sequential([
        keras.Input((8, 8, 1)), L.Conv2D(2, 3, dilation_rate=2, activation="relu"), L.ZeroPadding2D((1, 2)),
        L.AveragePooling2D(2), L.GlobalAveragePooling2D()])
    stored = [("atrousconvolution2d_1", {"atrousconvolution2d_1_W": k, "atrousconvolution2d_1_b": b}),
              ("zeropadding2d_1", {}), ("averagepooling2d_1", {}), ("globalaveragepooling2d_1", {})]
    return Case("keras1_dilated", config, stored, model, [k, b], array(2, 8, 8, 1), version="1.2.2")


class Formula:
    """Stands for a model that no Keras of today has."""

    def __init__(self, function):
        self.function, self.weights = function, None

    def set_weights(self, weights):
        self.weights = [np.asarray(w, dtype=np.float64) for w in weights]

    def predict(self, x, verbose=0):
        return self.function(x.astype(np.float64), *self.weights).astype(np.float32)


def layers_of_keras_1():
    """Classes that only Keras 1 had, computed by their papers' formulas."""
    weights = [array(3, 5, 4), array(3, 4), array(4, 4), array(4, 4), array(4), array(4),
               array(4), array(4), array(4), array(4), array(4), array(4)]

    def compute(x, w, b, plain, carry, plain_bias, carry_bias, left, left_slope, right, right_slope, alphas, betas):
        x = np.max(np.einsum("ni,pio->npo", x, w) + b, axis=1)
        gate = 1 / (1 + np.exp(-(x @ carry + carry_bias)))
        x = gate * np.tanh(x @ plain + plain_bias) + (1 - gate) * x
        bend = left + np.abs(right)
        x = np.where(x >= bend, bend + right_slope * (x - bend), np.where(x > left, x, left + left_slope * (x - left)))
        return alphas * np.log1p(np.exp(betas * x))

    penalties = {"W_regularizer": None, "b_regularizer": None, "activity_regularizer": None, "W_constraint": None,
                 "b_constraint": None, "bias": True, "input_dim": None, "init": "glorot_uniform"}
    config = {"class_name": "Sequential", "config": [
        simple("MaxoutDense", "maxoutdense_1", batch_input_shape=[None, 5], input_dtype="float32", output_dim=4,
               nb_feature=3, **penalties),
        simple("Highway", "highway_1", activation="tanh", **penalties),
        simple("SReLU", "srelu_1", t_left_init="zero", a_left_init="glorot_uniform", t_right_init="glorot_uniform",
               a_right_init="one"),
        simple("ParametricSoftplus", "parametricsoftplus_1", alpha_init=0.2, beta_init=5.0),
    ]}
    names = [("maxoutdense_1", ["W", "b"]), ("highway_1", ["W", "W_carry", "b", "b_carry"]),
             ("srelu_1", ["t_left", "a_left", "t_right", "a_right"]), ("parametricsoftplus_1", ["alphas", "betas"])]
    values = iter(weights)
    stored = [(layer, {f"{layer}_{name}": next(values) for name in parts}) for layer, parts in names]
    return Case("keras1_layers", config, stored, Formula(compute), weights, array(6, 5), version="1.2.2")


# Keras 2 -------------------------------------------------------------------------------------------------------

def initializer2(name="VarianceScaling"):
    return {"class_name": name, "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform", "seed": None}
            if name == "VarianceScaling" else {}}


def conv2(kind, name, filters, size, **more):
    return {"class_name": kind, "config": {
        "name": name, "trainable": True, "filters": filters, "kernel_size": size, "strides": [1] * len(size),
        "padding": "valid", "data_format": "channels_last", "dilation_rate": [1] * len(size), "activation": "linear",
        "use_bias": True, "kernel_initializer": initializer2(), "bias_initializer": initializer2("Zeros"),
        "kernel_regularizer": None, "bias_regularizer": None, "activity_regularizer": None,
        "kernel_constraint": None, "bias_constraint": None, **more}}


def dense2(name, units, activation="linear", **more):
    return {"class_name": "Dense", "config": {
        "name": name, "trainable": True, "units": units, "activation": activation, "use_bias": True,
        "kernel_initializer": initializer2(), "bias_initializer": initializer2("Zeros"), "kernel_regularizer": None,
        "bias_regularizer": None, "activity_regularizer": None, "kernel_constraint": None, "bias_constraint": None,
        **more}}


def theano_of_keras_2():
    k, b, m, c, d, e = array(3, 4, 3), array(3), array(2, 3, 5), array(5), array(5, 2), array(2)
    config = {"class_name": "Sequential", "config": [
        conv2("Conv1D", "conv1d_1", 3, [3], batch_input_shape=[None, 8, 4], dtype="float32", padding="same"),
        conv2("Conv1D", "conv1d_2", 5, [2], activation="relu"),
        simple("GlobalMaxPooling1D", "global_max_pooling1d_1"), dense2("dense_1", 2)]}
    model = keras.Sequential([
        keras.Input((8, 4)), L.Conv1D(3, 3, padding="same"), L.Conv1D(5, 2, activation="relu"),
        L.GlobalMaxPooling1D(), L.Dense(2)])
    stored = [
        ("conv1d_1", {"conv1d_1/kernel:0": flipped(k, 0), "conv1d_1/bias:0": b}),
        ("conv1d_2", {"conv1d_2/kernel:0": flipped(m, 0), "conv1d_2/bias:0": c}), ("global_max_pooling1d_1", {}),
        ("dense_1", {"dense_1/kernel:0": d, "dense_1/bias:0": e})]
    return Case("keras2_theano", config, stored, model, [k, b, m, c, d, e], array(3, 8, 4), version="2.0.6",
                backend="theano")


def per_gate(kernel, count, change):
    return np.hstack([change(part) for part in np.hsplit(kernel, count)])


def cudnn_of_keras_2():
    """CuDNNGRU and CuDNNLSTM as Keras 2.2 stored them, from the kernels of their plain counterparts."""
    gru = [array(3, 12), array(4, 12), array(2, 12)]
    lstm = [array(4, 20), array(5, 20), array(20)]
    turned = lambda part: part.T.reshape(part.shape, order="C")
    shared = {
        "trainable": True, "return_state": False, "go_backwards": False, "stateful": False,
        "kernel_initializer": initializer2(), "bias_initializer": initializer2("Zeros"),
        "recurrent_initializer": {"class_name": "Orthogonal", "config": {"gain": 1.0, "seed": None}},
        "kernel_regularizer": None, "recurrent_regularizer": None, "bias_regularizer": None,
        "activity_regularizer": None, "kernel_constraint": None, "recurrent_constraint": None, "bias_constraint": None}
    config = {"class_name": "Sequential", "config": {"name": "sequential_1", "layers": [
        {"class_name": "CuDNNGRU", "config": {
            "name": "cu_dnngru_1", "units": 4, "return_sequences": True, "batch_input_shape": [None, 6, 3],
            "dtype": "float32", **shared}},
        {"class_name": "CuDNNLSTM", "config": {
            "name": "cu_dnnlstm_1", "units": 5, "return_sequences": False, "unit_forget_bias": True, **shared}}]}}
    model = keras.Sequential([keras.Input((6, 3)), L.GRU(4, return_sequences=True), L.LSTM(5)])
    stored = [
        ("cu_dnngru_1", {
            "cu_dnngru_1/kernel:0": per_gate(gru[0], 3, turned),
            "cu_dnngru_1/recurrent_kernel:0": per_gate(gru[1], 3, np.transpose),
            "cu_dnngru_1/bias:0": gru[2].reshape(-1)}),
        ("cu_dnnlstm_1", {
            "cu_dnnlstm_1/kernel:0": per_gate(lstm[0], 4, turned),
            "cu_dnnlstm_1/recurrent_kernel:0": per_gate(lstm[1], 4, np.transpose),
            "cu_dnnlstm_1/bias:0": np.tile(0.5 * lstm[2], 2)})]
    return Case("keras2_cudnn", config, stored, model, [*gru, *lstm], array(3, 6, 3), version="2.2.4",
                backend="tensorflow")


def depthwise_of_keras_2():
    k, b = array(3, 3, 2, 2), array(4)
    gamma, beta, mean, variance = array(4), array(4), array(4), np.abs(array(4)) + 0.5
    config = {"class_name": "Sequential", "config": {"name": "sequential", "layers": [
        {"class_name": "DepthwiseConv2D", "config": {
            "name": "depthwise_conv2d", "trainable": True, "batch_input_shape": [None, 5, 5, 2], "dtype": "float32",
            "kernel_size": [3, 3], "strides": [1, 1], "padding": "same", "data_format": "channels_last",
            "dilation_rate": [1, 1], "groups": 1, "activation": "linear", "use_bias": True,
            "bias_initializer": initializer2("Zeros"), "bias_regularizer": None, "activity_regularizer": None,
            "bias_constraint": None, "depth_multiplier": 2, "depthwise_initializer": initializer2(),
            "depthwise_regularizer": None, "depthwise_constraint": None}},
        {"class_name": "BatchNormalization", "config": {
            "name": "batch_normalization", "trainable": True, "dtype": "float32", "axis": [3], "momentum": 0.99,
            "epsilon": 0.001, "center": True, "scale": True, "beta_initializer": initializer2("Zeros"),
            "gamma_initializer": initializer2("Ones"), "moving_mean_initializer": initializer2("Zeros"),
            "moving_variance_initializer": initializer2("Ones"), "beta_regularizer": None,
            "gamma_regularizer": None, "beta_constraint": None, "gamma_constraint": None}},
        {"class_name": "LeakyReLU", "config": {
            "name": "leaky_re_lu", "trainable": True, "dtype": "float32", "alpha": 0.30000001192092896}},
        {"class_name": "GlobalAveragePooling2D", "config": {
            "name": "global_average_pooling2d", "trainable": True, "dtype": "float32",
            "data_format": "channels_last", "keepdims": False}}]}}
    model = keras.Sequential([
        keras.Input((5, 5, 2)), L.DepthwiseConv2D(3, padding="same", depth_multiplier=2), L.BatchNormalization(),
        L.LeakyReLU(), L.GlobalAveragePooling2D()])
    stored = [
        ("depthwise_conv2d", {
            "depthwise_conv2d/depthwise_kernel:0": k, "depthwise_conv2d/bias:0": b}),
        ("batch_normalization", {
            "batch_normalization/gamma:0": gamma, "batch_normalization/beta:0": beta,
            "batch_normalization/moving_mean:0": mean, "batch_normalization/moving_variance:0": variance}),
        ("leaky_re_lu", {}), ("global_average_pooling2d", {})]
    return Case("keras2_depthwise", config, stored, model, [k, b, gamma, beta, mean, variance], array(3, 5, 5, 2),
                version="2.9.0", backend="tensorflow")


def main(path):
    folder = path.parent / "old"
    folder.mkdir(exist_ok=True)
    with h5py.File(path, "w", libver="earliest") as out:
        out.attrs.update({"format": "golden/1", "family": "old-files", "keras_version": keras.__version__,
                          "seed": 20160414})
        for make in [images_of_keras_1, text_of_keras_1, sequences_of_keras_1, graph_of_keras_1, dilated_of_keras_1,
                     theano_of_keras_2, cudnn_of_keras_2, depthwise_of_keras_2, layers_of_keras_1]:
            case = make()
            case.write(folder)
            group = out.create_group(f"cases/{case.name}")
            group.attrs.update({
                "kind": "saved_model", "file": f"old/{case.name}.h5", "saved_as": "h5", "call": "{}",
                "config": json.dumps(case.config), "rtol": 1e-4, "atol": 1e-5})
            group["inputs/0"], group["outputs/0"] = case.x, case.outputs()
            for i, weight in enumerate(case.weights):
                group[f"weights/{i}"] = weight
    print(f"wrote {path} and {len(list(folder.glob('*.h5')))} files in {folder}")


main(pathlib.Path(sys.argv[1]))
