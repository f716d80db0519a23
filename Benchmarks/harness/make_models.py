"""make_models.py FOLDER: the contest's models, each as Keras' legacy .h5 file and as ONNX, same seeded weights.

The architectures are keras.applications' own. The ONNX files are what suits the peers best: channels first,
BatchNormalization and zero padding already folded into the convolutions, batch size left open.
Besides them: models.json (multiplications and parameters), three pictures without need of resizing, one photo-like
JPEG for the cold start.
"""

import json
import os
import sys
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
from PIL import Image

from to_onnx import write_onnx

APPLICATIONS = {
    "resnet50": (keras.applications.ResNet50, {}),
    "vgg16": (keras.applications.VGG16, {}),
    "mobilenet": (keras.applications.MobileNet, {}),
    "mobilenet-0.25": (keras.applications.MobileNet, {"alpha": 0.25}),
    "mobilenet_v2": (keras.applications.MobileNetV2, {}),
    "efficientnetb0": (keras.applications.EfficientNetB0, {}),
    "inception_v3": (keras.applications.InceptionV3, {}),
    "densenet121": (keras.applications.DenseNet121, {}),
    "convnext_tiny": (keras.applications.ConvNeXtTiny, {}),
}
# What preprocessing makes of pixels, where it is not about -120 to 120.
REACH = {"mobilenet": 1, "mobilenet-0.25": 1, "mobilenet_v2": 1, "inception_v3": 1, "densenet121": 2}


def every_layer(model):
    """The layers of a model and of the models in it."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from every_layer(layer)
        else:
            yield layer


def random_values(layer, random):
    """Values that keep activations at a sane scale, so that outputs tell models apart."""
    values = []
    for variable in layer.weights:
        shape, name = variable.shape, variable.name
        if name == "kernel":
            fan_in = np.prod(shape[:2] if isinstance(layer, keras.layers.DepthwiseConv2D) else shape[:-1])
            values.append(random.normal(0, np.sqrt(2 / fan_in), shape))
        elif name in ("gamma", "moving_variance"):
            # The last normalization of a residual branch is small, as in trained networks.
            scale = 0.3 if name == "gamma" and layer.name.endswith("_3_bn") else 1
            values.append(scale * random.uniform(0.8, 1.2, shape))
        else:
            values.append(random.normal(0, 0.05, shape))
    return values


def make_model(application, arguments, reach):
    """The application with seeded weights, its logits spread as a trained one's are."""
    logits = application(weights=None, classifier_activation=None, **arguments)
    random = np.random.default_rng(1)
    for layer in every_layer(logits):
        # What normalizes pixels keeps its numbers.
        if layer.weights and not isinstance(layer, keras.layers.Normalization):
            layer.set_weights(random_values(layer, random))
    last = [layer for layer in logits.layers if layer.weights][-1]
    pixels = random.uniform(-reach, reach, (2, *logits.input_shape[1:])).astype(np.float32)
    kernel, bias = last.get_weights()
    last.set_weights([kernel * (2 / logits(pixels).numpy().std()), bias])
    model = application(weights=None, **arguments)
    model.set_weights(logits.get_weights())
    return model


def multiplications(model):
    """Multiply-adds of one prediction of one picture, in convolutions and dense layers."""
    total = 0
    for layer in every_layer(model):
        if isinstance(layer, (keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.Dense)):
            positions = np.prod(layer.output.shape[1:-1], dtype=np.int64)
            total += int(positions) * int(np.prod(layer.kernel.shape))
    return total


def make_pictures(folder):
    """Small ones for comparing answers, and a JPEG of a photograph's size and detail for the cold start."""
    random = np.random.default_rng(2)
    for index in range(3):
        coarse = Image.fromarray(random.integers(0, 256, (14, 14, 3), np.uint8))
        coarse.resize((224, 224), Image.Resampling.BICUBIC).save(folder / f"picture{index}.png")
    smooth = Image.fromarray(random.integers(0, 256, (30, 40, 3), np.uint8))
    smooth = smooth.resize((640, 480), Image.Resampling.BICUBIC)
    grain = random.normal(0, 6, (480, 640, 3))
    photo = np.clip(np.asarray(smooth, np.float32) + grain, 0, 255).astype(np.uint8)
    Image.fromarray(photo).save(folder / "photo.jpg", quality=90)


def main(folder):
    folder.mkdir(parents=True, exist_ok=True)
    listing = folder / "models.json"
    facts = json.loads(listing.read_text()) if listing.exists() else {}
    make_pictures(folder)
    for name, (application, arguments) in APPLICATIONS.items():
        if name in facts:
            continue
        print(f"Making {name}", file=sys.stderr)
        model = make_model(application, arguments, REACH.get(name, 120))
        model.save(folder / f"{name}.h5")
        write_onnx(model, folder / f"{name}.onnx")
        facts[name] = {
            "multiplications": multiplications(model), "parameters": model.count_params(),
            "size": model.input_shape[1]}
        listing.write_text(json.dumps(facts, indent=2))
        keras.backend.clear_session()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
