"""Results as Markdown."""

from pathlib import Path

MODEL_NAMES = {
    "resnet50": "ResNet50", "vgg16": "VGG16", "mobilenet": "MobileNet", "mobilenet-0.25": "MobileNet α = 0.25",
    "mobilenet_v2": "MobileNetV2", "efficientnetb0": "EfficientNetB0", "inception_v3": "InceptionV3",
    "densenet121": "DenseNet121", "convnext_tiny": "ConvNeXtTiny",
}
PEER_NAMES = {
    "ours": "ours", "onnxruntime": "ONNX Runtime", "onnxruntime-passive": "ONNX Runtime, no spinning",
    "openvino": "OpenVINO", "openvino-float32": "OpenVINO", "openvino-bfloat16": "OpenVINO", "keras": "Keras",
}


def table(heads, rows):
    """Text left, figures right."""
    align = ["---"] + ["---:"] * (len(heads) - 1)
    return "\n".join("| " + " | ".join(map(str, row)) + " |" for row in [heads, align, *rows]) + "\n"


def publish(name, text, facts, revision):
    """Puts what a script found, its newest results, into its place in README.md."""
    readme = Path(__file__).resolve().parent.parent / "README.md"
    begin, end = f"<!-- newest results, written by {name} -->\n", f"<!-- end of {name} -->"
    before, _, rest = readme.read_text().partition(begin)
    source = f"{facts['date']}, {facts['cpu']}, {facts['cores']} cores; ours: {revision}.\n\n"
    readme.write_text(before + begin + source + text + end + rest.partition(end)[2])


def milliseconds(summary):
    if summary is None:
        return "–"
    digits = 2 if summary["median_ms"] < 10 else 1 if summary["median_ms"] < 100 else 0
    return f"{summary['min_ms']:.{digits}f} / {summary['median_ms']:.{digits}f}"


def disturbance(cases):
    most = max(case["disturbance"] for case in cases)
    verdict = "" if most < 0.1 else " That is too much to trust these numbers: measure again on a quiet machine."
    return f"Other processes used up to {100 * most:.0f} % of the CPUs meanwhile.{verdict}"


def predictions(rows):
    lines = []
    for row in rows:
        openvino = row["peers"].get(f"openvino-{row['precision']}")
        against = row["ratios"][row["fastest_peer"]]
        keras = row["ratios"].get("keras")
        lines.append([
            MODEL_NAMES[row["model"]], row["batch"], row["precision"], milliseconds(row["ours"]),
            milliseconds(row["peers"].get("onnxruntime")), milliseconds(openvino),
            milliseconds(row["peers"].get("pytorch")), f"**{against['of_rounds']:.2f}** ({against['of_minima']:.2f})",
            "–" if row["goal"] is None else f"{row['goal']:.2f}",
            "–" if keras is None else f"{keras['of_rounds']:.1f}",
            f"{100 * row['share_of_peak']:.0f} %"])
    repeats = min(row["ours"]["repeats"] for row in rows)
    peaks = {}
    for row in rows:
        peaks[row["precision"]] = max(row["peak_gigaflops"], peaks.get(row["precision"], 0))
    best = " and ".join(f"{rate:.0f} GFLOP/s in {precision}" for precision, rate in peaks.items())
    heads = ["model", "batch", "precision", "ours, ms", "ONNX Runtime, ms", "OpenVINO, ms", "PyTorch, ms",
             "fastest peer ÷ ours", "goal", "Keras ÷ ours", "share of peak"]
    return (
        "### Predictions\n\nMilliseconds are minimum / median of a prediction. Ratios are medians over rounds, in "
        "brackets that of the minima; above 1 we are faster. The share of peak is our rate, counting the "
        "multiplications of direct convolution (Winograd needs fewer), by that of products of 2048 × 2048 matrices "
        "in the same round.\n\n" + table(heads, lines)
        + f"\nAt least {repeats} repeats of ours. Best rate of matrix products seen: {best}. {disturbance(rows)}\n")


def agreement(results):
    lines = []
    for model, contestants in results.items():
        for name, result in contestants.items():
            kind, _, precision = name.partition("-")
            lines.append([MODEL_NAMES[model], PEER_NAMES[kind], precision or "float32", f"{result['difference']:.1e}",
                          f"{result['same_best']} of {result['pictures']}"])
    heads = ["model", "contestant", "precision", "largest difference of a probability", "same best class"]
    return "### Agreement with Keras\n\n" + table(heads, lines)


def cold(results):
    lines = []
    for case in results:
        for name, result in case["contestants"].items():
            ours = case["contestants"]["ours"]
            lines.append([MODEL_NAMES[case["model"]], PEER_NAMES[name],
                          f"{result['min_s']:.3f} / {result['median_s']:.3f}",
                          f"{result['median_s'] / ours['median_s']:.1f}", f"{result['peak_mb']:.0f}",
                          result["repeats"]])
    heads = ["model", "contestant", "seconds, minimum / median", "÷ ours", "peak memory, MB", "starts"]
    return (
        "### Cold start\n\nOne process classifies one photograph, weights in the page cache: decode, resize, load, "
        "predict, print.\n\n" + table(heads, lines) + f"\n{disturbance(results)}\n")


def busy(results):
    lines = []
    for case in results:
        for name, result in case["contestants"].items():
            lines.append([MODEL_NAMES[case["model"]], PEER_NAMES[name], f"{result['quiet_ms']:.2f}",
                          f"{result['busy_ms']:.2f}", f"{result['slow_down']:.2f}"])
    heads = ["model", "contestant", "alone, ms", "beside it, ms", "slow-down"]
    return (
        "### Beside one busy process\n\nBatch 1, float32, medians.\n\n" + table(heads, lines)
        + f"\n{disturbance(results)}\n")


def machine(facts):
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    return (
        f"{facts['date']}, {facts['cpu']} ({facts['cpu_model']}; {', '.join(facts['extensions'])}), "
        f"{facts['cores']} cores, {facts['memory_gb']} GB, {facts['system']}. {facts['threads']} threads each. "
        f"Ours: {facts['revision']}; {versions}. Load of the machine at the start: {facts['load_at_start']:.1f}.\n")


def markdown(results):
    """All that was measured, as a part of a page."""
    parts = [machine(results["machine"])]
    for name, section in (("predictions", predictions), ("cold", cold), ("busy", busy), ("agreement", agreement)):
        if results.get(name):
            parts.append(section(results[name]))
    return "\n".join(parts)


def features(cases):
    lines = [[
        MODEL_NAMES[case["model"]], case["photographs"], f"{case['seconds']['forward']:.1f}",
        f"{case['seconds']['ours']:.1f}", f"**{case['forward_share']:.2f}**",
        f"{case['seconds']['keras']:.1f}" if case["keras_ratio"] else "–",
        f"{case['keras_ratio']:.1f}" if case["keras_ratio"] else "–"] for case in cases]
    heads = ["model", "photographs", "forward alone, s", "ours, s", "forward ÷ ours", "Keras, s", "Keras ÷ ours"]
    return table(heads, lines) + "\n" + disturbance(cases) + "\n"
