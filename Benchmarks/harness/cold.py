"""The whole process, from nothing to the classes of one picture: seconds and memory."""

import json
import os
import statistics
import subprocess
import time

from harness.contest import HERE, MODE, MODELS, OURS, PYTHON
from harness.machine import Disturbance

KERAS_EVERY = 8  # its start takes seconds and is only reported


def run(command):
    """Seconds, peak megabytes and best class of a process."""
    start = time.perf_counter()
    process = subprocess.Popen(
        [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.stdout.close()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise SystemExit(f"This failed: {' '.join(map(str, command))}")
    best = json.loads(output.splitlines()[-1])["predictions"][0]["index"]
    return seconds, usage.ru_maxrss * 1024 / 1e6, best


def commands(setting, model):
    photo, mode = MODELS / "photo.jpg", MODE[model]
    ours = [setting.keras, "classify", photo, "--model", *OURS[model], *setting.weights(model),
            "--threads", setting.threads, "--json"]
    scripts = HERE / "cold_start"

    def peer(name, weights):
        return [PYTHON, scripts / f"{name}_classify.py", MODELS / f"{model}{weights}", mode, setting.threads, photo]

    return {"ours": ours, "onnxruntime": peer("onnxruntime", ".onnx"),
            "openvino": peer("openvino", ".onnx"), "keras": peer("keras", ".h5")}


def run_case(setting, model, rounds):
    """Interleaved starts, after one of each that brings its files into the page cache."""
    contestants = commands(setting, model)
    measured = {name: [] for name in contestants}
    best = {name: run(command)[2] for name, command in contestants.items()}
    if len(set(best.values())) > 1:
        raise SystemExit(f"{model}: the contestants see different things in the photograph: {best}")
    with Disturbance() as disturbance:
        for number in range(rounds):
            for name, command in contestants.items():
                if name != "keras" or number % KERAS_EVERY == 0:
                    measured[name].append(run(command)[:2])
    result = {
        name: {
            "min_s": min(seconds for seconds, _ in runs),
            "median_s": statistics.median(seconds for seconds, _ in runs),
            "peak_mb": statistics.median(megabytes for _, megabytes in runs),
            "repeats": len(runs),
        } for name, runs in measured.items()
    }
    return {"model": model, "disturbance": disturbance.share, "contestants": result}
