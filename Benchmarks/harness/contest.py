"""The contest's cases and contestants, and where everything lies."""

import argparse
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from harness.race import Contestant

HERE = Path(__file__).resolve().parent.parent
WORK = Path(os.environ.get("KERAS_BENCHMARKS_DIR", HERE)).resolve()
MODELS = WORK / ".models"
PYTHON = WORK / ".venv" / "bin" / "python"

# How `keras` calls the models that setup made.
OURS = {
    "resnet50": ["resnet50"],
    "vgg16": ["vgg16"],
    "mobilenet": ["mobilenet"],
    "mobilenet-0.25": ["mobilenet", "--alpha", "0.25"],
    "mobilenet_v2": ["mobilenet_v2"],
    "efficientnetb0": ["efficientnetb0"],
    "inception_v3": ["inception_v3"],
    "densenet121": ["densenet121"],
    "convnext_tiny": ["convnext_tiny"],
}
# None where the model does it itself.
MODE = {"resnet50": "caffe", "vgg16": "caffe", "mobilenet": "tf", "mobilenet-0.25": "tf", "mobilenet_v2": "tf",
        "efficientnetb0": None, "inception_v3": "tf", "densenet121": "torch", "convnext_tiny": None}
CASES = [(model, batch) for model in OURS for batch in (1, 32)]


class Setting:
    """What all contests share: our binary, the number of threads, the facts about the models."""

    def __init__(self, keras, threads, pytorch=None):
        if not PYTHON.exists() or not (MODELS / "models.json").exists():
            raise SystemExit(f"Nothing to compare with in {WORK}: run Benchmarks/setup first.")
        self.facts = json.loads((MODELS / "models.json").read_text())
        if missing := OURS.keys() - self.facts.keys():
            raise SystemExit(f"No {', '.join(sorted(missing))} in {MODELS}: run Benchmarks/setup again.")
        self.keras = Path(keras).resolve() if keras else build()
        self.threads = threads
        # An interpreter that has PyTorch; it takes part in nothing else.
        self.pytorch = pytorch
        # Ended from outside, we leave no stopped contestants behind (see race.py's `finally`).
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))

    def weights(self, model):
        return ["--weights", MODELS / f"{model}.h5"]

    def ours(self, model, batch, precision="float32"):
        return Contestant(f"ours-{precision}", [
            self.keras, "bench", *OURS[model], *self.weights(model), "--batch-size", batch,
            "--precision", precision, "--threads", self.threads, "--interactive"])

    def peer(self, kind, model, batch):
        worker = HERE / "harness" / "worker.py"
        python = self.pytorch if kind == "pytorch" else PYTHON
        return Contestant(kind, [python, worker, kind, MODELS, model, batch, self.threads], sparse=kind == "keras")

    def versions(self):
        """The peers' versions."""
        names = ["onnxruntime", "openvino", "keras", "tensorflow-cpu", "numpy"]
        program = (
            "import importlib.metadata, json, sys; "
            "print(json.dumps({name: importlib.metadata.version(name) for name in sys.argv[1:]}))")
        asked = [(PYTHON, names)] + ([(self.pytorch, ["torch"])] if self.pytorch else [])
        found = {}
        for python, names in asked:
            run = subprocess.run([python, "-c", program, *names], capture_output=True, check=True)
            found |= json.loads(run.stdout)
        return found


def build(product="keras"):
    """A program of ours, built in release mode."""
    root = HERE.parent
    build = ["swift", "build", "-c", "release", "--product", product]
    subprocess.run(build, cwd=root, check=True, stdout=sys.stderr)
    folder = subprocess.run([*build, "--show-bin-path"], cwd=root, check=True, capture_output=True, text=True).stdout
    return Path(folder.strip()) / product


def arguments(description, rounds):
    """The options every script has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--keras", metavar="PATH", help="our command; built in release mode by default")
    parser.add_argument("--threads", type=int, default=2, help="threads of each contestant (2)")
    parser.add_argument("--rounds", type=int, default=rounds, help=f"turns of each contestant ({rounds})")
    return parser
