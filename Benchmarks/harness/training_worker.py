"""training_worker.py KIND TASK PRECISION THREADS: steps of training in other frameworks, done when asked (see turns.py
for the protocol). Networks, batches and optimizers are those of Benchmarks/Training/Tasks.swift.

KIND is pytorch (eager, channels last), keras-graph or keras-xla (Keras on TensorFlow, without and with XLA).
"""

import os
import sys
import time

import numpy as np

from turns import take_turns

kind, task, precision, threads = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
BATCH = {"mnist_mlp": 128, "mnist_cnn": 128, "cifar_resnet20": 128, "lstm_text": 32, "resnet50": 16,
         "mobilenet_v2": 32, "mobilenet_v2_head": 32}[task]
SHAPE = {"mnist_mlp": (784,), "mnist_cnn": (28, 28, 1), "cifar_resnet20": (32, 32, 3), "lstm_text": (80,)}.get(
    task, (224, 224, 3))
CLASSES = {"lstm_text": 2, "resnet50": 1000, "mobilenet_v2": 1000}.get(task, 10)
RANDOM = np.random.default_rng(7)


def batch():
    labels = RANDOM.integers(0, CLASSES, BATCH)
    if task == "lstm_text":
        return RANDOM.integers(0, 20000, (BATCH, *SHAPE)), labels
    return RANDOM.uniform(-1, 1, (BATCH, *SHAPE)).astype(np.float32), labels


def pytorch():
    import torch
    from torch import nn

    torch.set_num_threads(threads)

    class Block(nn.Module):
        def __init__(self, inputs, filters, stride):
            super().__init__()
            self.first = nn.Conv2d(inputs, filters, 3, stride, 1, bias=False)
            self.second = nn.Conv2d(filters, filters, 3, 1, 1, bias=False)
            self.norms = nn.ModuleList([nn.BatchNorm2d(filters), nn.BatchNorm2d(filters)])
            self.shortcut = nn.Identity() if stride == 1 else nn.Sequential(
                nn.Conv2d(inputs, filters, 1, stride, bias=False), nn.BatchNorm2d(filters))

        def forward(self, x):
            y = torch.relu(self.norms[0](self.first(x)))
            return torch.relu(self.norms[1](self.second(y)) + self.shortcut(x))

    class Text(nn.Module):
        def __init__(self):
            super().__init__()
            self.words, self.layer, self.score = nn.Embedding(20000, 128), nn.LSTM(128, 128, batch_first=True), nn.Linear(128, 1)

        def forward(self, x):
            return self.score(self.layer(self.words(x))[0][:, -1])

    def resnet20():
        layers = [nn.Conv2d(3, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU()]
        inputs = 16
        for stage, filters in enumerate([16, 32, 64]):
            for number in range(3):
                layers.append(Block(inputs, filters, 2 if stage > 0 and number == 0 else 1))
                inputs = filters
        return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 10))

    def torchvision_model(name):
        import torchvision.models

        return getattr(torchvision.models, name)()

    def head():
        base = torchvision_model("mobilenet_v2").features
        for parameter in base.parameters():
            parameter.requires_grad_(False)
        base.eval()
        return nn.Sequential(base, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(1280, 10))

    model = {
        "mnist_mlp": lambda: nn.Sequential(
            nn.Linear(784, 512), nn.ReLU(), nn.Dropout(0.2), nn.Linear(512, 512), nn.ReLU(), nn.Dropout(0.2),
            nn.Linear(512, 10)),
        "mnist_cnn": lambda: nn.Sequential(
            nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25),
            nn.Flatten(), nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10)),
        "cifar_resnet20": resnet20,
        "lstm_text": Text,
        "resnet50": lambda: torchvision_model("resnet50"),
        "mobilenet_v2": lambda: torchvision_model("mobilenet_v2"),
        "mobilenet_v2_head": head,
    }[task]()
    values, labels = map(torch.from_numpy, batch())
    if values.ndim == 4:
        model = model.to(memory_format=torch.channels_last)
        values = values.permute(0, 3, 1, 2)  # channels last in memory
    trained = [parameter for parameter in model.parameters() if parameter.requires_grad]
    if task == "mnist_mlp":
        optimizer = torch.optim.RMSprop(trained, 1e-3, foreach=True)
    elif task in ("mnist_cnn", "lstm_text", "mobilenet_v2_head"):
        optimizer = torch.optim.Adam(trained, 1e-3, fused=True)
    else:
        optimizer = torch.optim.SGD(trained, 0.01, momentum=0.9, fused=True)

    def error(scores):
        if CLASSES == 2:
            return nn.functional.binary_cross_entropy_with_logits(scores[:, 0], labels.float())
        return nn.functional.cross_entropy(scores, labels)

    def step():
        optimizer.zero_grad()
        with torch.autocast("cpu", torch.bfloat16, enabled=precision == "bfloat16"):
            loss = error(model(values))
        loss.backward()
        optimizer.step()
        loss.item()

    return step


def keras_tensorflow(with_xla):
    os.environ.update(TF_CPP_MIN_LOG_LEVEL="3", CUDA_VISIBLE_DEVICES="", KERAS_BACKEND="tensorflow")
    import keras
    import tensorflow as tf
    from keras import layers

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    if precision == "bfloat16":
        keras.config.set_dtype_policy("mixed_bfloat16")

    def resnet20():
        def normalized(x, filters, kernel, stride):
            convolved = layers.Conv2D(filters, kernel, strides=stride, padding="same", use_bias=False)(x)
            return layers.BatchNormalization()(convolved)

        image = keras.Input(SHAPE)
        x = layers.ReLU()(normalized(image, 16, 3, 1))
        for stage, filters in enumerate([16, 32, 64]):
            for block in range(3):
                stride = 2 if stage > 0 and block == 0 else 1
                shortcut = x if stride == 1 else normalized(x, filters, 1, stride)
                hidden = layers.ReLU()(normalized(x, filters, 3, stride))
                x = layers.ReLU()(layers.Add()([normalized(hidden, filters, 3, 1), shortcut]))
        return keras.Model(image, layers.Dense(10, "softmax")(layers.GlobalAveragePooling2D()(x)))

    def head():
        base = keras.applications.MobileNetV2(SHAPE, include_top=False, weights=None, pooling="avg")
        base.trainable = False
        return keras.Sequential([keras.Input(SHAPE), base, layers.Dense(10, "softmax")])

    model = {
        "mnist_mlp": lambda: keras.Sequential([
            keras.Input(SHAPE), layers.Dense(512, "relu"), layers.Dropout(0.2), layers.Dense(512, "relu"),
            layers.Dropout(0.2), layers.Dense(10, "softmax")]),
        "mnist_cnn": lambda: keras.Sequential([
            keras.Input(SHAPE), layers.Conv2D(32, 3, activation="relu"), layers.Conv2D(64, 3, activation="relu"),
            layers.MaxPooling2D(), layers.Dropout(0.25), layers.Flatten(), layers.Dense(128, "relu"),
            layers.Dropout(0.5), layers.Dense(10, "softmax")]),
        "cifar_resnet20": resnet20,
        "lstm_text": lambda: keras.Sequential([
            keras.Input(SHAPE, dtype="int32"), layers.Embedding(20000, 128), layers.LSTM(128),
            layers.Dense(1, "sigmoid")]),
        "resnet50": lambda: keras.applications.ResNet50(weights=None),
        "mobilenet_v2": lambda: keras.applications.MobileNetV2(weights=None),
        "mobilenet_v2_head": head,
    }[task]()
    optimizer = {"mnist_mlp": lambda: keras.optimizers.RMSprop(), "mnist_cnn": lambda: keras.optimizers.Adam(),
                 "lstm_text": lambda: keras.optimizers.Adam(),
                 "mobilenet_v2_head": lambda: keras.optimizers.Adam()}.get(
        task, lambda: keras.optimizers.SGD(0.01, momentum=0.9))()
    loss = "binary_crossentropy" if CLASSES == 2 else "sparse_categorical_crossentropy"
    model.compile(optimizer, loss, metrics=["accuracy"], jit_compile=with_xla)
    values, labels = batch()
    if CLASSES == 2:
        labels = labels.astype(np.float32)[:, None]
    batches = iter(tf.data.Dataset.from_tensors((values, labels)).repeat())
    step = model.make_train_function() or model.train_function

    return lambda: float(step(batches)["loss"])


def main():
    started = time.perf_counter()
    step = pytorch() if kind == "pytorch" else keras_tensorflow(with_xla=kind == "keras-xla")
    for _ in range(2):
        step()
    take_turns(started, step)


if __name__ == "__main__":
    main()
