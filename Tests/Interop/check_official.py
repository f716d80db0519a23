"""Files of weights as Keras' hosts have them: written by Python with random numbers, read by the command `keras`.

    check_official.py KERAS FOLDER [MODEL...]

For a model of every family, TF-Keras (ResNeXt: keras-applications 1.0.8; ResNet18: image-classifiers 1.0.0) writes the
legacy HDF5 file under its official name. `keras classify --model X --weights FILE` must then give, for some photographs,
what Python's own X(weights="imagenet") gives when it is made to read that file; and where the file has no classifier,
`keras features` what it gives without one.
"""
import glob
import importlib
import json
import os
import pathlib
import subprocess
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["TF_USE_LEGACY_KERAS"] = "1"
import numpy as np  # noqa: E402
import tf_keras as keras  # noqa: E402

ROOT = pathlib.Path(__file__).parent.parent.parent
# The command's name and options, the module and function, its arguments, the pictures' size.
MODELS = [
    ("mobilenet", ["--alpha", "0.25", "--image-size", "128"], "mobilenet", "MobileNet",
     {"alpha": 0.25, "input_shape": (128, 128, 3)}, 128),
    ("mobilenetv2", ["--alpha", "0.35", "--image-size", "96"], "mobilenet_v2", "MobileNetV2",
     {"alpha": 0.35, "input_shape": (96, 96, 3)}, 96),
    ("mobilenetv3small", ["--set", "minimalistic=true"], "mobilenet_v3", "MobileNetV3Small", {"minimalistic": True}, 224),
    ("mobilenetv3large", ["--alpha", "0.75"], "mobilenet_v3", "MobileNetV3Large", {"alpha": 0.75}, 224),
    ("efficientnetb0", [], "efficientnet", "EfficientNetB0", {}, 224),
    ("efficientnetv2b0", [], "efficientnet_v2", "EfficientNetV2B0", {}, 224),
    ("densenet121", [], "densenet", "DenseNet121", {}, 224),
    ("nasnetmobile", [], "nasnet", "NASNetMobile", {}, 224),
    ("xception", [], "xception", "Xception", {}, 299),
    ("inceptionv3", [], "inception_v3", "InceptionV3", {}, 299),
    ("inceptionresnetv2", [], "inception_resnet_v2", "InceptionResNetV2", {}, 299),
    ("resnet50", [], "resnet", "ResNet50", {}, 224),
    ("resnet50v2", [], "resnet_v2", "ResNet50V2", {}, 224),
    ("resnetrs50", [], "resnet_rs", "ResNetRS50", {}, 224),
    ("convnexttiny", [], "convnext", "ConvNeXtTiny", {}, 224),
    ("regnetx002", [], "regnet", "RegNetX002", {}, 224),
    ("regnety002", [], "regnet", "RegNetY002", {}, 224),
    ("vgg16", [], "vgg16", "VGG16", {}, 224),
    ("resnext50", [], "keras_applications.resnext", "ResNeXt50", {"input_shape": (224, 224, 3)}, 224),
    ("resnet18", [], "classification_models.models.resnet", "ResNet18", {"input_shape": (224, 224, 3)}, 224),
]


def load(module, name):
    """The function, with which modules of Keras it is to use where it asks, and its `preprocess_input`."""
    if "." not in module:
        found = importlib.import_module(f"tf_keras.applications.{module}")
        return getattr(keras.applications, name), {}, found.preprocess_input
    found = importlib.import_module(module)
    modules = {"backend": keras.backend, "layers": keras.layers, "models": keras.models, "utils": keras.utils}
    preprocess = found.preprocess_input
    return getattr(found, name), modules, lambda x: preprocess(x, **modules)


def fill(model, rng):
    """Random numbers with which signals neither die out nor explode."""
    for layer in model.layers:
        for variable in getattr(layer, "weights", []):
            shape, name = tuple(variable.shape), variable.name.removesuffix(":0").split("/")[-1]
            if "kernel" in name:
                depthwise = "depthwise" in name
                fan_in = np.prod(shape[:2]) if depthwise else np.prod(shape[:-1])
                value = rng.uniform(-1, 1, shape) * np.sqrt(6 / fan_in)
            elif name in ("gamma", "moving_variance", "variance"):
                value = rng.uniform(0.6, 1.1, shape)
            else:
                value = rng.uniform(-0.1, 0.1, shape)
            variable.assign(value.astype(variable.dtype.name))


def spread(model, x):
    """The classifier's numbers made so large that the classes differ, and no larger."""
    weights = [layer for layer in model.layers if layer.weights]
    last = weights[-1]
    logits = keras.Model(model.inputs, last.input)
    features = logits.predict(x, verbose=0).reshape(len(x), -1)
    kernel, bias = last.get_weights()
    scores = features @ kernel.reshape(-1, kernel.shape[-1])
    last.set_weights([kernel * 2 / scores.std(), bias])


def pictures():
    shared = sorted(glob.glob(str(ROOT.parent / "shared" / "photos" / "**" / "*.[jJ][pP]*"), recursive=True))[::10][:10]
    return shared or sorted(glob.glob(str(ROOT / "Examples" / "Pictures" / "*.jpg")))


def classified(command, arguments, files):
    lines = subprocess.run(
        [command, "classify", *files, *arguments, "--json", "--top", "1000"], check=True, capture_output=True, text=True
    ).stdout.splitlines()
    table = np.zeros((len(lines), 1000))
    for row, line in enumerate(lines):
        for guess in json.loads(line)["predictions"]:
            table[row, guess["index"]] = guess["probability"]
    return table


def featured(command, arguments, files, out):
    subprocess.run(
        [command, "features", *files, *arguments, "--pooling", "avg", "-o", str(out)], check=True, capture_output=True)
    return np.load(out)


def distance(found, wanted):
    return float(np.abs(found - wanted).max() / (np.abs(wanted).max() + 1e-12))


def check(command, folder, model, options, module, name, arguments, size):
    keras.backend.clear_session()
    function, modules, preprocess = load(module, name)
    x = preprocess(np.stack([
        keras.utils.img_to_array(keras.utils.load_img(file, target_size=(size, size))) for file in pictures()]))
    results = []
    asked = {}
    data_utils = importlib.import_module("tf_keras.src.utils.data_utils")

    def get_file(fname, *_, **__):
        asked["file"] = folder / fname
        if asked["file"].exists():
            return str(asked["file"])
        raise FileNotFoundError(fname)

    data_utils.get_file = keras.utils.get_file = get_file
    for includes_top in (True, False):
        pooled = {} if includes_top or name == "ResNet18" else {"pooling": "avg"}
        whole = {**arguments, **modules, **pooled, "include_top": includes_top}
        if not includes_top and name == "NASNetMobile":
            whole["input_shape"] = (224, 224, 3)
        try:
            function(**whole, weights="imagenet")
        except FileNotFoundError:
            pass
        network = function(**whole, weights=None)
        fill(network, np.random.default_rng(7))
        if includes_top:
            spread(network, x)
        network.save_weights(str(asked["file"]), save_format="h5")
        wanted = function(**whole, weights="imagenet").predict(x, verbose=0)
        if wanted.ndim == 4:
            wanted = wanted.mean(axis=(1, 2))
        given = ["--model", model, *options, "--weights", str(asked["file"])]
        if includes_top:
            results.append(distance(classified(command, given, pictures()), wanted))
        else:
            results.append(distance(featured(command, given, pictures(), folder / f"{model}.npy"), wanted))
        asked["file"].unlink()
    print(f"{model:20} with the classifier {results[0]:.1e}, without {results[1]:.1e}", flush=True)
    return max(results) < 2e-3


def main():
    command, folder, chosen = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
    folder.mkdir(parents=True, exist_ok=True)
    wrong = []
    for model in MODELS:
        if chosen and model[0] not in chosen:
            continue
        if not check(command, folder, *model):
            wrong.append(model[0])
    if wrong:
        sys.exit("other numbers than Python's: " + ", ".join(wrong))


if __name__ == "__main__":
    main()
