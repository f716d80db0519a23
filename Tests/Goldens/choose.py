"""Copies a chosen part of a folder of golden cases here, so that tests mean something where that folder is not.

    python3 Tests/Goldens/choose.py ../shared/golden

Needs h5py 3.14. Files keep their names: where the whole folder is there, the tests read its files instead of these.
"""

import collections
import json
import pathlib
import shutil
import sys

import h5py

HERE = pathlib.Path(__file__).parent
KINDS = {
    "layer", "activation", "initializer", "regularizer", "constraint", "saved_model", "loss", "metric", "optimizer",
    "schedule", "training", "text", "sequence",
}
# Kinds of which every case is another.
WHOLE_KINDS = {"training", "text", "sequence"}
# Of each class of layers so many cases; models that are kept in every format.
CASES_OF_A_CLASS = 3
MODELS = {"mlp", "bilstm", "nested", "shared", "multi_io", "attention"}
# The smallest model of each family of applications that is not here whole.
APPLICATIONS = {
    "convnext": "ConvNeXtTiny-1", "densenet": "DenseNet121-1", "efficientnet": "EfficientNetB0-1",
    "efficientnet_v2": "EfficientNetV2B0-1", "inception_resnet_v2": "InceptionResNetV2-1",
    "inception_v3": "InceptionV3-2", "mobilenet_v2": "MobileNetV2-1", "mobilenet_v3": "MobileNetV3Small-1",
    "nasnet": "NASNetMobile-1", "regnet": "RegNetY002-1", "resnet_rs": "ResNetRS50-1", "xception": "Xception-1",
}


def main(source: pathlib.Path) -> None:
    for name in ["layers.h5", "layers-tfkeras.h5", "functions.h5", "saved.h5", "training.h5", "preprocessing.h5"]:
        with h5py.File(source / name) as whole, h5py.File(HERE / name, "w", libver=("earliest", "v108")) as part:
            part.attrs.update(whole.attrs)
            cases = part.create_group("cases")
            counts = collections.Counter()
            for case in sorted(whole["cases"]):
                group = whole["cases"][case]
                if group.attrs["kind"] not in KINDS:
                    continue
                if group.attrs["kind"] == "saved_model":
                    if case.rsplit("-", 1)[0] not in MODELS:
                        continue
                    file = group.attrs["file"]
                    (HERE / file).parent.mkdir(exist_ok=True)
                    shutil.copyfile(source / file, HERE / file)
                else:
                    described = None
                    if group.attrs["kind"] not in WHOLE_KINDS:
                        config = group.attrs.get("config")
                        described = json.loads(config if config is not None else bytes(group["config"][()]))
                    family = described["class_name"] if isinstance(described, dict) else case
                    # Losses and metrics share names.
                    family = case if group.attrs["kind"] in WHOLE_KINDS else (group.attrs["kind"], family)
                    counts[family] += 1
                    if counts[family] > CASES_OF_A_CLASS:
                        continue
                whole.copy(group, cases, name=case)
    for family, case in APPLICATIONS.items():
        name = f"applications-{family}.h5"
        with h5py.File(source / name) as whole, h5py.File(HERE / name, "w", libver=("earliest", "v108")) as part:
            part.attrs.update(whole.attrs)
            whole.copy(whole["cases"][case], part.create_group("cases"), name=case)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
