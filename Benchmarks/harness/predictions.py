"""The contest of single predictions: every model, batch and precision, against every peer."""

import statistics

from harness.machine import Disturbance
from harness.race import race, ratio

# What we mean to reach against the fastest peer of the same precision.
GOALS = {
    ("resnet50", 32, "float32"): 1.15,
    ("vgg16", 1, "float32"): 1.5,
}
PEERS = {"float32": ["onnxruntime", "openvino-float32"], "bfloat16": ["openvino-bfloat16"]}
# Multiply-adds of one "prediction" of the contestants that only multiply matrices (see worker.py).
PEAK_MULTIPLICATIONS = {"float32": 2048**3, "bfloat16": 8 * 2048**3}


def gigaflops(multiplications, milliseconds):
    return 2 * multiplications / milliseconds / 1e6


def share_of_peak(ours, peak, multiplications, peak_multiplications):
    """Our rate by the machine's in the same round; the median over rounds."""
    return statistics.median(
        gigaflops(multiplications, statistics.median(ours.rounds[number]))
        / gigaflops(peak_multiplications, statistics.median(peak.rounds[number])) for number in ours.rounds)


def run_case(setting, model, batch, rounds, precisions, with_keras):
    """One race; a row for each precision."""
    ours = {precision: setting.ours(model, batch, precision) for precision in precisions}
    kinds = {
        precision: PEERS[precision] + (["pytorch"] if setting.pytorch and precision == "float32" else [])
        for precision in precisions}
    peers = {kind: setting.peer(kind, model, batch) for precision in precisions for kind in kinds[precision]}
    peaks = {precision: setting.peer(f"peak-{precision}", model, batch) for precision in precisions}
    keras = {"keras": setting.peer("keras", model, batch)} if with_keras else {}
    with Disturbance() as disturbance:
        race([*ours.values(), *peers.values(), *peaks.values(), *keras.values()], rounds)

    rows = []
    multiplications = setting.facts[model]["multiplications"] * batch
    for precision in precisions:
        mine, peak = ours[precision], peaks[precision]
        compared = {kind: peers[kind] for kind in kinds[precision]} | keras
        ratios = {kind: ratio(peer, mine) for kind, peer in compared.items()}
        fastest = min(kinds[precision], key=lambda kind: ratios[kind]["of_rounds"])
        rows.append({
            "model": model, "batch": batch, "precision": precision, "disturbance": disturbance.share,
            "ours": mine.summary(),
            "peers": {kind: peer.summary() for kind, peer in compared.items()},
            "ratios": ratios, "fastest_peer": fastest, "goal": GOALS.get((model, batch, precision), 1.0),
            "gigaflops": gigaflops(multiplications, mine.summary()["median_ms"]),
            "peak_gigaflops": gigaflops(PEAK_MULTIPLICATIONS[precision], min(peak.times)),
            "share_of_peak": share_of_peak(mine, peak, multiplications, PEAK_MULTIPLICATIONS[precision]),
        })
    return rows
