"""Stranger golden cases of the recurrent layers and wrappers, computed by real Keras, in the container `golden/1`.

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install keras==3.15.1 tensorflow-cpu==2.21.0 tf-keras==2.21.0 h5py==3.14.0
    /tmp/venv/bin/python Tests/Goldens/make_layers_recurrent.py Tests/Goldens/layers-extra-recurrent.h5

Masks with gaps, rows that are masked altogether, states that come in and stay, stacked cells in both directions,
activations that no fused kernel has, channels first, nested wrappers. Initial states of stacked cells are given to
Keras in the structure of the cells, and stored flat.
"""
import json
import os
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["TF_USE_LEGACY_KERAS"] = "0"
import h5py  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import tf_keras  # noqa: E402
from keras import layers as L  # noqa: E402
from keras.src import backend  # noqa: E402

SEED = 20240611
generator = np.random.default_rng(SEED)

GAPS = np.array([[0, 1, 0, 1, 1], [1, 1, 0, 0, 1], [0, 0, 0, 0, 0], [1, 0, 1, 1, 0]], bool)


def normal(*shape):
    return generator.normal(size=shape).astype(np.float32)


def states(batch, *units):
    return [normal(batch, n) for n in units]


class Case:
    """A layer and what it is called with.

    `initial` is the structure that Keras takes as `initial_state`, or `states` for a cell called by itself. A mask is
    given as an argument when `explicit`, else attached to the input: Keras 3 does not use it then if there are initial
    states.
    """

    def __init__(self, name, make, x, mask=None, initial=None, repeat=1, training=False, xla=False, old=False,
                 explicit=False):
        self.name, self.make, self.x, self.mask, self.initial = name, make, x, mask, initial
        self.repeat, self.training, self.xla, self.old = repeat, training, xla, old
        self.explicit = explicit


def cell_stack():
    return [L.LSTMCell(2), L.GRUCell(3)]


def cases():
    x = lambda: normal(4, 5, 2)
    small = lambda: normal(2, 3, 2)
    yield Case("LSTM-gaps", lambda: L.LSTM(2, return_sequences=True, return_state=True), x(), GAPS,
               states(4, 2, 2),
               explicit=True)
    yield Case("LSTM-gaps-zeros", lambda: L.LSTM(2, zero_output_for_mask=True, go_backwards=True), x(), GAPS)
    yield Case("LSTM-elu", lambda: L.LSTM(2, activation="elu", recurrent_activation="hard_sigmoid",
                                          return_sequences=True, return_state=True), x(), GAPS, states(4, 2, 2),
               explicit=True)
    yield Case("LSTM-stateful-gaps", lambda: L.LSTM(2, stateful=True, return_sequences=True), x(), GAPS, repeat=3)
    yield Case("LSTM-penalties", lambda: L.LSTM(
        2, kernel_regularizer="l2", recurrent_regularizer="l1", bias_regularizer=keras.regularizers.L1L2(0.1, 0.2),
        activity_regularizer="l2", return_state=True, kernel_constraint="max_norm", use_bias=True,
        bias_initializer="ones"), small())
    yield Case("LSTM-one-step", lambda: L.LSTM(1, use_bias=False), normal(1, 1, 1))
    yield Case("LSTM-unrolled-gaps", lambda: L.LSTM(2, unroll=True, return_sequences=True,
                                                    zero_output_for_mask=True), x(), GAPS, states(4, 2, 2),
               explicit=True)
    yield Case("LSTM-resting-dropout", lambda: L.LSTM(2, dropout=0.3, recurrent_dropout=0.4, seed=7), small())
    yield Case("GRU-gaps-backwards", lambda: L.GRU(2, go_backwards=True, return_sequences=True, return_state=True),
               x(), GAPS, states(4, 2),
               explicit=True)
    yield Case("GRU-no-bias-gaps", lambda: L.GRU(2, use_bias=False, return_sequences=True), x(), GAPS)
    yield Case("GRU-before-gaps", lambda: L.GRU(
        2, reset_after=False, activation="softsign", recurrent_activation="softplus", go_backwards=True,
        return_sequences=True), x(), GAPS, states(4, 2),
               explicit=True)
    yield Case("GRU-stateful-backwards", lambda: L.GRU(2, stateful=True, go_backwards=True), small(), repeat=3)
    yield Case("GRU-penalties", lambda: L.GRU(2, activity_regularizer=keras.regularizers.L1(0.3),
                                              return_sequences=True), small())
    yield Case("SimpleRNN-gaps", lambda: L.SimpleRNN(2, activation="selu", return_sequences=True,
                                                     return_state=True), x(), GAPS, states(4, 2))
    yield Case("SimpleRNN-stateful-gaps", lambda: L.SimpleRNN(2, stateful=True, zero_output_for_mask=True), x(),
               GAPS, repeat=2)
    yield Case("RNN-stack-gaps", lambda: L.RNN(
        [L.GRUCell(2, reset_after=False), L.SimpleRNNCell(3, activation="relu"), L.LSTMCell(2)],
        go_backwards=True, return_sequences=True, return_state=True), x(), GAPS)
    yield Case("RNN-stack-states", lambda: L.RNN(cell_stack(), return_state=True, stateful=True), small(), None,
               [states(2, 2, 2), normal(2, 3)], repeat=2)
    yield Case("RNN-zeros", lambda: L.RNN(L.SimpleRNNCell(2, use_bias=False), zero_output_for_mask=True), x(), GAPS)
    yield Case("LSTMCell-hard", lambda: L.LSTMCell(2, recurrent_activation="hard_sigmoid", unit_forget_bias=False),
               normal(2, 3), initial=states(2, 2, 2))
    yield Case("GRUCell-before", lambda: L.GRUCell(2, reset_after=False, use_bias=False), normal(2, 3),
               initial=states(2, 2))
    yield Case("StackedRNNCells-two", lambda: L.StackedRNNCells(cell_stack()), normal(2, 3),
               initial=[states(2, 2, 2), states(2, 3)])
    yield Case("Bidirectional-stack", lambda: L.Bidirectional(
        L.RNN(cell_stack(), return_sequences=True, return_state=True), merge_mode=None), x(), GAPS,
        [states(4, 2, 2), normal(4, 3), states(4, 2, 2), normal(4, 3)],
               explicit=True)
    yield Case("Bidirectional-sum-states", lambda: L.Bidirectional(L.LSTM(2, return_state=True), merge_mode="sum"),
               x(), GAPS, states(4, 2, 2, 2, 2),
               explicit=True)
    yield Case("Bidirectional-turned", lambda: L.Bidirectional(
        L.GRU(2, go_backwards=True, return_sequences=True),
        backward_layer=L.SimpleRNN(3, return_sequences=True)), x(), GAPS)
    yield Case("Bidirectional-stateful", lambda: L.Bidirectional(
        L.GRU(2, stateful=True, return_sequences=True, activity_regularizer="l2"), merge_mode="ave"), small(),
        repeat=2)
    yield Case("Bidirectional-images", lambda: L.Bidirectional(
        L.ConvLSTM1D(2, 2, padding="same", return_sequences=True), merge_mode="mul"), normal(2, 2, 3, 1))
    yield Case("TimeDistributed-bidirectional", lambda: L.TimeDistributed(L.Bidirectional(L.LSTM(2))),
               normal(2, 3, 4, 2))
    yield Case("TimeDistributed-nested", lambda: L.TimeDistributed(L.TimeDistributed(L.Dense(2, activation="tanh"))),
               normal(2, 3, 2, 2), np.stack([GAPS[:3, :2], GAPS[1:, 1:3]]))
    yield Case("TimeDistributed-masked", lambda: L.TimeDistributed(L.GRU(2)), normal(2, 2, 5, 2),
               np.stack([GAPS[:2], GAPS[2:]]))
    yield Case("TimeDistributed-penalty", lambda: L.TimeDistributed(
        L.Dense(2, activity_regularizer="l2", kernel_regularizer="l2"), activity_regularizer="l1"), small())
    yield Case("ConvLSTM1D-gaps", lambda: L.ConvLSTM1D(
        2, 3, dilation_rate=2, padding="same", go_backwards=True, return_sequences=True), normal(4, 5, 4, 1), GAPS)
    yield Case("ConvLSTM1D-first", lambda: L.ConvLSTM1D(
        2, 2, strides=2, data_format="channels_first", return_sequences=True, return_state=True),
        normal(2, 2, 2, 5), None, [normal(2, 2, 2), normal(2, 2, 2)], xla=True)
    yield Case("ConvLSTM2D-first", lambda: L.ConvLSTM2D(
        2, (3, 2), dilation_rate=(1, 2), data_format="channels_first", activation="softsign", return_state=True,
        kernel_regularizer="l2"), normal(2, 2, 1, 4, 4), xla=True)
    yield Case("ConvLSTM2D-stateful", lambda: L.ConvLSTM2D(
        2, 2, strides=(2, 1), stateful=True, zero_output_for_mask=True, return_sequences=True),
        normal(2, 2, 3, 3, 1), np.array([[1, 0], [0, 1]], bool), repeat=2)
    yield Case("ConvLSTM3D-first", lambda: L.ConvLSTM3D(
        1, 2, padding="same", strides=(1, 2, 1), data_format="channels_first"), normal(1, 2, 1, 2, 3, 2), xla=True)
    K = tf_keras.layers
    yield Case("k2-LSTM-time-first", lambda: K.LSTM(2, time_major=True, return_sequences=True, return_state=True,
                                                    recurrent_activation="hard_sigmoid"), normal(3, 2, 2), old=True)
    yield Case("k2-GRU-time-first", lambda: K.GRU(2, time_major=True, go_backwards=True, return_sequences=True),
               normal(3, 2, 2), old=True)
    yield Case("k2-RNN-stack", lambda: K.RNN([K.LSTMCell(2, recurrent_activation="hard_sigmoid"), K.GRUCell(2)]),
               normal(2, 3, 2), old=True)
    yield Case("k2-Bidirectional", lambda: K.Bidirectional(K.SimpleRNN(2, return_sequences=True)), normal(2, 3, 2),
               old=True)
    yield Case("k2-ConvLSTM2D", lambda: K.ConvLSTM2D(1, 2, return_sequences=True), normal(1, 2, 3, 3, 1), old=True)


def flatten(structure):
    return tf.nest.flatten(structure)


def compute(case):
    """The layer, its results and the gradients of a random projection of them."""
    (tf_keras.backend if case.old else keras.utils).clear_session()
    layer = case.make()
    is_cell = type(layer).__name__.endswith(("Cell", "Cells"))
    x = tf.constant(case.x)
    initial = None if case.initial is None else tf.nest.map_structure(tf.constant, case.initial)

    def call():
        value = tf.identity(x)
        tape_inputs.append(value)
        if case.mask is not None and not case.explicit:
            backend.set_keras_mask(value, tf.constant(case.mask))
        if is_cell:
            return layer(value, initial)
        arguments = {} if initial is None else {"initial_state": initial}
        if case.explicit:
            arguments["mask"] = tf.constant(case.mask)
        return layer(value, training=case.training, **arguments)

    tape_inputs = []
    call()
    for variable in layer.weights:
        variable.assign(0.6 * normal(*variable.shape))
    if hasattr(layer, "reset_states"):
        try:
            layer.reset_states()
        except (AttributeError, ValueError):
            pass
    for _ in range(case.repeat - 1):
        call()
    trainable = [v if case.old else v.value for v in layer.trainable_weights]
    cotangents = []

    def differentiate():
        with tf.GradientTape() as tape:
            tape.watch(x)
            watched = flatten(initial) if initial is not None else []
            for tensor in watched:
                tape.watch(tensor)
            result = call()
            outputs = flatten(result)
            if not cotangents:
                cotangents.extend(normal(*o.shape) for o in outputs)
            total = tf.add_n([tf.reduce_sum(o * c) for o, c in zip(outputs, cotangents)])
        gradients = tape.gradient(total, [x] + watched + trainable,
                                  unconnected_gradients=tf.UnconnectedGradients.ZERO)
        return outputs, gradients

    if case.xla:
        shapes = flatten(call())
        cotangents.extend(normal(*o.shape) for o in shapes)
        outputs, gradients = tf.function(differentiate, jit_compile=True)()
        masks = [None for _ in outputs]
    else:
        outputs, gradients = differentiate()
        masks = [backend.get_keras_mask(o) if not case.old else None for o in outputs]
    loss = float(sum(float(l) for l in layer.losses)) if layer.losses and not case.xla else 0.0
    if case.xla:
        loss = float(sum(float(r(w)) for c in [layer.cell] for r, w in [(c.kernel_regularizer, c.kernel)] if r))
    return layer, outputs, masks, cotangents, gradients, loss


def write(group, case):
    layer, outputs, masks, cotangents, gradients, loss = compute(case)
    if case.old:
        config = {"class_name": type(layer).__name__, "config": layer.get_config()}
        config = json.loads(json.dumps(config, default=lambda o: tf_keras.saving.serialize_keras_object(o)))
    else:
        config = keras.saving.serialize_keras_object(layer)
        config.pop("build_config", None)
    initial = flatten(case.initial) if case.initial is not None else []
    is_cell = type(layer).__name__.endswith(("Cell", "Cells"))
    call = {"training": case.training}
    if initial:
        names = ("inputs", "states") if is_cell else ("sequences", "initial_state")
        call["inputs"] = [names[0]] + [names[1]] * len(initial)
    if case.explicit:
        call["inputs"] = call.get("inputs", ["sequences"]) + ["mask"]
    if case.repeat > 1:
        call["repeat"] = case.repeat
    if case.xla:
        call["xla"] = True
    g = group.create_group(case.name)
    g.attrs["kind"] = "layer"
    g.attrs["config"] = json.dumps(config)
    g.attrs["call"] = json.dumps(call)
    if case.old:
        g.attrs["api"] = "tf_keras"
    largest = 1.0

    def store(folder, arrays, names=None, kind=np.float32):
        nonlocal largest
        for index, array in enumerate(arrays):
            if array is None:
                continue
            array = np.asarray(array).astype(kind)
            largest = max(largest, float(np.max(np.abs(array))) if folder.startswith(("out", "grad")) else 0)
            dataset = g.create_dataset(f"{folder}/{index}", data=array)
            if names:
                dataset.attrs["name"] = names[index]

    inputs = [case.x] + initial
    store("inputs", inputs)
    if case.explicit:
        g["inputs"].create_dataset(str(len(inputs)), data=case.mask.astype(np.uint8))
    elif case.mask is not None:
        store("masks", [case.mask], kind=np.uint8)
    names = lambda variables: [v.name if case.old else v.path for v in variables]
    store("weights", [v.numpy() for v in layer.weights], names(layer.weights))
    store("outputs", outputs)
    store("output_masks", masks, kind=np.uint8)
    store("cotangents", cotangents)
    store("grad_inputs", gradients[: len(inputs)])
    store("grad_weights", gradients[len(inputs):], names(layer.trainable_weights))
    if loss:
        g.create_dataset("added_loss", data=np.float32(loss))
    g.attrs["rtol"] = 1e-4
    g.attrs["atol"] = 1e-5 * largest


def main(path):
    with h5py.File(path, "w", libver="v110") as file:
        file.attrs["format"] = "golden/1"
        file.attrs["family"] = "layers"
        file.attrs["keras_version"] = keras.__version__
        file.attrs["seed"] = SEED
        group = file.create_group("cases")
        for case in cases():
            print(case.name, flush=True)
            write(group, case)


main(sys.argv[1])
