"""Features of a folder of photographs, from files to a file, against the forward pass alone and against Keras."""

import json
import shutil
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

from harness.contest import HERE, MODE, MODELS, OURS, PYTHON
from harness.machine import Disturbance


def seconds(command):
    start = time.perf_counter()
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def forward_seconds(setting, model, count):
    """For as many pictures as the folder has, in batches of 32, already in memory."""
    words = [setting.keras, "bench", *OURS[model], *setting.weights(model), "--batch-size", 32,
             "--threads", setting.threads, "--json"]
    output = subprocess.run([str(word) for word in words], check=True, capture_output=True, text=True).stdout
    return count / 32 * json.loads(output)["median_ms"] / 1000


def make_folder(folder, photographs, count):
    """`count` photographs: those given, again and again."""
    files = [MODELS / "photo.jpg"]
    if photographs:
        files = sorted(path for path in photographs.iterdir() if path.suffix.lower() in (".jpg", ".jpeg"))
    if not files:
        raise SystemExit(f"{photographs} has no JPEGs.")
    for number in range(count):
        shutil.copyfile(files[number % len(files)], folder / f"{number:05}.jpg")


def run_case(setting, model, photographs, count, rounds, with_keras):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "photographs"
        folder.mkdir()
        make_folder(folder, photographs, count)
        ours = [setting.keras, "features", folder, "--model", *OURS[model], *setting.weights(model),
                "--threads", setting.threads, "-o", Path(name) / "ours.npy"]
        keras = [PYTHON, HERE / "pipelines" / "keras_features.py", MODELS / f"{model}.h5", MODE[model],
                 setting.threads, folder, Path(name) / "keras.npy"]
        measured = {"forward": [], "ours": [], "keras": []}
        with Disturbance() as disturbance:
            for _ in range(rounds):
                measured["forward"].append(forward_seconds(setting, model, count))
                measured["ours"].append(seconds(ours))
                (Path(name) / "ours.npy").unlink()
                if with_keras:
                    measured["keras"].append(seconds(keras))
    middle = {name: statistics.median(values) for name, values in measured.items() if values}
    return {
        "model": model, "photographs": count, "disturbance": disturbance.share, "seconds": middle,
        "forward_share": statistics.median(a / b for a, b in zip(measured["forward"], measured["ours"])),
        "keras_ratio": statistics.median(
            [a / b for a, b in zip(measured["keras"], measured["ours"])]) if with_keras else None}
