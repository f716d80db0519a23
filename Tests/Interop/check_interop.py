"""Opens the files that KerasInteropWriter wrote in Keras 3 and in TF-Keras, and compares.

    python check_interop.py FOLDER
    python check_interop.py FOLDER --rewritten    of models that Python wrote and KerasInteropWriter wrote again

Predictions agree within 1e-5 (relative to 1 + |want|) and weights bit by bit (of adapted layers only their number:
files of Keras 3 hold a sum in their place), for every format: `.keras`, `.h5`,
`.json` with `.weights.h5`, and weights alone in the older layout (`-weights.h5`). TF-Keras opens `.h5`, and the
older layout into the same architecture, of every model but those in TF_KERAS_CANNOT.
"""
import json
import os
import pathlib
import sys
import traceback

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ["KERAS_BACKEND"] = "tensorflow"
import h5py  # noqa: E402
import keras  # noqa: E402
import numpy as np  # noqa: E402
import tf_keras  # noqa: E402

TOLERANCE = 1e-5

# What keeps TF-Keras from opening a whole model, by the model's name.
TF_KERAS_CANNOT = {
    "attention": "Keras 3 reads no tensors as named arguments in the spelling that TF-Keras knows",
    **{
        name: "Keras 3 and TF-Keras number the calls of models inside a model differently"
        for name in ["nested", "siamese", "nested_dictionary", "masked_nested", "shared_in_nested"]
    },
    "operations": "operations are functions of TensorFlow there",
    "attention_by_hand": "operations are functions of TensorFlow there",
    "bilstm": "hard_sigmoid is another function in TF-Keras",
    "adapted": "TF-Keras knows no low-rank adaptation",
}

# The same for Keras 3 and one file.
KERAS_CANNOT = {
    "operations.h5": "Keras 3 reads no ellipsis (`x[..., 0]`) in the older layout",
    **{
        f"shared_in_nested{ending}": "Keras 3 counts a layer that models inside share once for each of them"
        for ending in [".keras", ".h5", ".weights.h5", "-weights.h5"]
    },
}

# What Keras 3 must refuse, because it would predict otherwise: a word of its message by a part of the name. Files of
# TF-Keras whose rules Keras 3 has not.
MUST_BE_REFUSED = {
    "tf_keras_merged_masks": "mask_rule",
    "tf_keras_training_true": "keeps_training",
}


class Arrays:
    def __init__(self, path):
        with np.load(path) as file:
            self.all = {name: file[name] for name in file.files}

    def numbered(self, kind):
        return [self.all[f"{kind}{i}"] for i in range(len(self.all)) if f"{kind}{i}" in self.all]


def predictions(model, inputs):
    """Outputs in order; inputs and outputs of dictionaries are in that of the sorted keys."""
    structure = getattr(model, "_inputs_struct", getattr(model, "_nested_inputs", None))
    if isinstance(structure, dict):
        inputs = dict(zip(sorted(structure), inputs))
    elif len(inputs) == 1:
        inputs = inputs[0]
    return flat(model.predict(inputs, verbose=0))


def flat(outputs):
    if isinstance(outputs, dict):
        return [y for key in sorted(outputs) for y in flat(outputs[key])]
    return [y for x in outputs for y in flat(x)] if isinstance(outputs, (list, tuple)) else [outputs]


def compare(model, arrays, weights_in_order=True):
    """What differs, as a text; None when nothing does."""
    outputs = predictions(model, arrays.numbered("input"))
    wanted = arrays.numbered("output")
    if len(outputs) != len(wanted):
        return f"{len(outputs)} outputs, expected {len(wanted)}"
    for got, want in zip(outputs, wanted):
        if got.shape != want.shape:
            return f"output of shape {got.shape}, expected {want.shape}"
        difference = np.max(np.abs(got - want) / (1 + np.abs(want)))
        if not difference <= TOLERANCE:
            return f"predictions differ by {difference}"
    got, want = [np.asarray(w) for w in model.get_weights()], arrays.numbered("weight")
    if not want:
        return None
    if len(got) != len(want):
        return f"{len(got)} weights, expected {len(want)}"
    if any(getattr(layer, "lora_enabled", False) for layer in model.layers):
        return None
    if not weights_in_order:
        # TF-Keras lists frozen weights last.
        key = lambda a: (a.shape, str(a.dtype.kind), a.tobytes())
        got, want = sorted(got, key=key), sorted(want, key=key)
    for i, (a, b) in enumerate(zip(got, want)):
        if a.shape != b.shape or a.astype(b.dtype).tobytes() != b.tobytes():
            return f"weight {i} is another"
    return None


def keras3(folder, name):
    text = (folder / f"{name}.json").read_text()

    def weights_only(file):
        model = keras.models.model_from_json(text)
        model.load_weights(folder / file)
        return model

    yield f"{name}.keras", lambda: keras.models.load_model(folder / f"{name}.keras")
    yield f"{name}.h5", lambda: keras.models.load_model(folder / f"{name}.h5", compile=False)
    yield f"{name}.weights.h5", lambda: weights_only(f"{name}.weights.h5")
    yield f"{name}-weights.h5", lambda: weights_only(f"{name}-weights.h5")


def tf_keras_files(folder, name):
    if name in TF_KERAS_CANNOT:
        return

    def weights_only():
        with h5py.File(folder / f"{name}.h5") as file:
            model = tf_keras.models.model_from_json(file.attrs["model_config"])
        model.load_weights(folder / f"{name}-weights.h5")
        return model

    yield f"{name}.h5", lambda: tf_keras.models.load_model(folder / f"{name}.h5", compile=False)
    yield f"{name}-weights.h5", weights_only


def rewritten(folder):
    """Every file predicts what the Keras that wrote it first did, or is refused where it must be."""
    failures, count = [], 0
    for path in sorted([*folder.glob("*.keras"), *folder.glob("*.h5")]):
        # Of a layer that two models inside share, Keras 3 finds the calls in the first only, in its own files, too.
        if "shared_in_nested" in path.name and path.suffix == ".keras":
            continue
        refusals = [word for part, word in MUST_BE_REFUSED.items() if path.name.startswith(part)]
        # What is spelled as Keras 2 does says so, and is for TF-Keras, which has its rules.
        is_keras2 = path.suffix == ".h5" and refusals
        count += 1
        try:
            model = (tf_keras if is_keras2 else keras).models.load_model(path, compile=False)
            failure = compare(model, Arrays(path.with_suffix(".npz")))
            if refusals and not is_keras2:
                failure = f"opens, although Keras 3 has no {refusals[0]}"
        except Exception as error:
            failure = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
            if refusals and refusals[0] in str(error):
                failure = None
        if failure:
            failures.append(f"{path.name}: {failure}")
    print("\n".join(failures))
    print(f"{count - len(failures)} of {count} files written again open with the same numbers, or are refused")
    sys.exit(1 if failures or not count else 0)


def main(folder):
    names = sorted(path.stem for path in folder.glob("*.npz"))
    if not names:
        sys.exit(f"no models in {folder}")
    failures, count = [], 0
    for name in names:
        arrays = Arrays(folder / f"{name}.npz")
        json.loads((folder / f"{name}.json").read_text())
        for reader, files in [("keras", keras3(folder, name)), ("tf_keras", tf_keras_files(folder, name))]:
            for file, load in files:
                if reader == "keras" and file in KERAS_CANNOT:
                    continue
                count += 1
                try:
                    failure = compare(load(), arrays, weights_in_order=reader == "keras")
                except Exception as error:  # Whatever a reader dislikes is a failure of that file.
                    if os.environ.get("KERAS_INTEROP_TRACE"):
                        traceback.print_exc()
                    failure = f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
                if failure:
                    failures.append(f"{reader} {file}: {failure}")
    for name, reason in TF_KERAS_CANNOT.items():
        print(f"not asked of TF-Keras: {name} ({reason})")
    for file, reason in KERAS_CANNOT.items():
        print(f"not asked of Keras 3: {file} ({reason})")
    print("\n".join(failures))
    print(f"{count - len(failures)} of {count} files open with the same numbers")
    sys.exit(1 if failures else 0)


if sys.argv[2:] == ["--rewritten"]:
    rewritten(pathlib.Path(sys.argv[1]))
main(pathlib.Path(sys.argv[1]))
