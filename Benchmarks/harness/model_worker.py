"""model_worker.py load|prepare|predict FILE THREADS: what KerasModelBenchmark does, in Keras (see turns.py for the protocol)."""

import os
import sys
import time

os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="")
import keras
import numpy as np
import tensorflow as tf

from turns import take_turns

what, path, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
tf.config.threading.set_intra_op_parallelism_threads(threads)


def load():
    keras.saving.load_model(path, compile=False)


def described():
    with open(path) as file:
        return keras.models.model_from_json(file.read())


def predict(model):
    model.predict(np.zeros((1, *model.input_shape[1:]), "float32"), verbose=0)


def prepare():
    keras.backend.clear_session()
    predict(described())


def main():
    if what == "predict":
        model = described()
    run = {"load": load, "prepare": prepare, "predict": lambda: predict(model)}[what]
    started = time.perf_counter()
    run()
    take_turns(started, run)


if __name__ == "__main__":
    main()
