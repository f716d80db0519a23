"""Batch 1 beside one busy process: what it costs us, and what it costs the peers."""

import signal
import statistics
import subprocess
import sys
import time

from harness.machine import Disturbance
from harness.race import PAUSE, Pace

KINDS = ["onnxruntime", "onnxruntime-passive", "openvino-float32"]


def run_case(setting, model, rounds, seconds=0.15):
    """Rounds of quiet turns and turns beside a process that never rests."""
    with Disturbance() as disturbance:
        times = measure(setting, model, rounds, seconds)
    return {"model": model, "disturbance": disturbance.share, "contestants": {
        contestant.name.removesuffix("-float32"): {
            "quiet_ms": statistics.median(measured["quiet"]),
            "busy_ms": statistics.median(measured["busy"]),
            "slow_down": statistics.median(
                busy / quiet for quiet, busy in zip(measured["quiet"], measured["busy"])),
        } for contestant, measured in times.items()
    }}


def measure(setting, model, rounds, seconds):
    """Medians of each contestant's turns: {contestant: {"quiet": [milliseconds of a round], "busy": […]}}."""
    contestants = [setting.ours(model, 1), *(setting.peer(kind, model, 1) for kind in KINDS)]
    rival = subprocess.Popen([sys.executable, "-c", "while True: pass"])
    times = {contestant: {"quiet": [], "busy": []} for contestant in contestants}
    try:
        rival.send_signal(signal.SIGSTOP)
        for contestant in contestants:
            contestant.get_ready()
        paces = {contestant: Pace(contestant, seconds) for contestant in contestants}
        for _ in range(rounds):
            for state in ("quiet", "busy"):
                rival.send_signal(signal.SIGCONT if state == "busy" else signal.SIGSTOP)
                time.sleep(PAUSE)
                for contestant in contestants:
                    times[contestant][state].append(statistics.median(paces[contestant].turn(contestant)))
    finally:
        rival.kill()
        rival.wait()
        for contestant in contestants:
            contestant.end()
    return times
