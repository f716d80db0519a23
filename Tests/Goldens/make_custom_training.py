"""What Keras computes in a step of one's own: a generator against a critic that learns twice in every step and is
penalised for its slope (WGAN-GP without noise).

    python3 Tests/Goldens/make_custom_training.py

Needs keras 3.15.1 (TensorFlow 2.21). Writes `custom-training.json`: the weights that the steps begin with and end with,
flat, in the order of the layers, and the last logs.
"""

import json
import os
import pathlib

os.environ["CUDA_VISIBLE_DEVICES"] = ""
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import tensorflow as tf

HERE = pathlib.Path(__file__).parent
layers, ops = keras.layers, keras.ops


class Adversaries(keras.Model):
    def __init__(self, generator, critic):
        super().__init__()
        self.generator, self.critic = generator, critic

    def compile(self, generator_optimizer, critic_optimizer):
        super().compile(optimizer=generator_optimizer)
        self.critic_optimizer = critic_optimizer
        self.mean = keras.metrics.Mean(name="critic_loss")

    def train_step(self, data):
        noise, real = data
        for _ in range(2):
            made = self.generator(noise, training=True)
            with tf.GradientTape() as tape:
                with tf.GradientTape() as inner:
                    between = (made + real) / 2
                    inner.watch(between)
                    judged = self.critic(between, training=True)
                slope = inner.gradient(judged, between)
                penalty = ops.mean((ops.sqrt(ops.sum(slope**2, axis=1)) - 1) ** 2)
                loss = ops.mean(self.critic(made, training=True)) - ops.mean(self.critic(real, training=True))
                loss = loss + 10 * penalty
            gradients = tape.gradient(loss, self.critic.trainable_weights)
            self.critic_optimizer.apply(gradients, self.critic.trainable_weights)
        with tf.GradientTape() as tape:
            generator_loss = -ops.mean(self.critic(self.generator(noise, training=True), training=True))
        gradients = tape.gradient(generator_loss, self.generator.trainable_weights)
        self.optimizer.apply(gradients, self.generator.trainable_weights)
        self.mean.update_state(loss)
        return {"critic_loss": self.mean.result()}


def flat(model):
    return [round(float(v), 7) for w in model.get_weights() for v in np.ravel(w)]


def main():
    random = np.random.default_rng(3)
    noise, real = (random.normal(size=(8, n)).astype("float32") for n in (3, 2))
    keras.utils.set_random_seed(4)
    generator = keras.Sequential([keras.Input((3,)), layers.Dense(4, activation="tanh"), layers.Dense(2)])
    critic = keras.Sequential([keras.Input((2,)), layers.Dense(4, activation="tanh"), layers.Dense(1)])
    out = {"noise": [float(v) for v in np.ravel(noise)], "real": [float(v) for v in np.ravel(real)]}
    out["adversaries"] = {"generator": flat(generator), "critic": flat(critic)}
    model = Adversaries(generator, critic)
    model.compile(keras.optimizers.SGD(0.1, momentum=0.9), keras.optimizers.Adam(0.01))
    history = model.fit(noise, real, batch_size=4, epochs=3, shuffle=False, verbose=0).history
    out["adversaries"] |= {"generator_after": flat(generator), "critic_after": flat(critic),
                           "critic_loss": [float(v) for v in history["critic_loss"]]}
    (HERE / "custom-training.json").write_text(json.dumps(out, indent=1) + "\n")


main()
