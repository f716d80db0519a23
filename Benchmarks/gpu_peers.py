"""What Scripts/gpu-check measures beside ours: PyTorch (eager and compiled, channels last, its fastest convolutions
searched for) and JAX through Keras, where they are there. One JSON object a line, times in milliseconds; what matters
most comes first, for a clock that may run out."""

import json
import os
import statistics
import time


def measure(step, wait, repeats=30):
    """Each step waited for, until its answer is in the host's memory."""
    for _ in range(5):
        step()
    wait()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        step()
        wait()
        times.append((time.perf_counter() - start) * 1000)
    return {"min_ms": min(times), "median_ms": statistics.median(times)}


def measure_epochs(step, wait, epochs=5, count=20):
    """Steps that are not waited for, as a program that trains makes them."""
    for _ in range(5):
        step()
    wait()
    times = []
    for _ in range(epochs):
        start = time.perf_counter()
        for _ in range(count):
            step()
        wait()
        times.append((time.perf_counter() - start) * 1000 / count)
    return {"min_ms": min(times), "median_ms": statistics.median(times)}


def report(peer, task, batch, precision, result):
    print(json.dumps({"peer": peer, "task": task, "batch_size": batch, "precision": precision, **result}), flush=True)


def torch_rows():
    import torch
    import torchvision

    device = "cuda" if torch.cuda.is_available() else "cpu"
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    torch.backends.cudnn.benchmark = True

    def set_precision(precision):
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tensorfloat32"
        torch._dynamo.reset()

    def predict(name, batch, precision, compiles):
        set_precision(precision)
        type = torch.bfloat16 if precision == "bfloat16" else torch.float32
        model = getattr(torchvision.models, name)().eval().to(device, type, memory_format=torch.channels_last)
        x = torch.rand(batch, 3, 224, 224, device=device, dtype=type).to(memory_format=torch.channels_last)
        with torch.inference_mode():
            report("pytorch", name, batch, precision, measure(lambda: model(x).cpu(), wait))
            if compiles:
                compiled = torch.compile(model)
                report("pytorch compiled", name, batch, precision, measure(lambda: compiled(x).cpu(), wait))

    def train(precision, compiles):
        set_precision(precision)
        model = torchvision.models.resnet50().to(device, memory_format=torch.channels_last)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, fused=True)
        x = torch.rand(64, 3, 224, 224, device=device).to(memory_format=torch.channels_last)
        y = torch.randint(0, 1000, (64,), device=device)

        def step(network):
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast(device, torch.bfloat16, enabled=precision == "bfloat16"):
                loss = torch.nn.functional.cross_entropy(network(x), y)
            loss.backward()
            optimizer.step()

        def run(peer, network):
            if device == "cuda":
                torch.cuda.reset_peak_memory_stats()
            result = measure_epochs(lambda: step(network), wait)
            if device == "cuda":
                result["device_peak_mb"] = torch.cuda.max_memory_allocated() / 1e6
            report(peer, "resnet50 step", 64, precision, result)

        run("pytorch", model)
        if compiles:
            run("pytorch compiled", torch.compile(model))

    def recur():
        set_precision("float32")

        class Text(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.words = torch.nn.Embedding(20000, 128)
                self.memory = torch.nn.LSTM(128, 128, batch_first=True)
                self.score = torch.nn.Linear(128, 1)

            def forward(self, x):
                return self.score(self.memory(self.words(x))[0][:, -1])

        model = Text().to(device)
        optimizer = torch.optim.Adam(model.parameters(), fused=True)
        x = torch.randint(0, 20000, (32, 80), device=device)
        y = torch.randint(0, 2, (32, 1), device=device).float()

        def step():
            optimizer.zero_grad(set_to_none=True)
            torch.nn.functional.binary_cross_entropy_with_logits(model(x), y).backward()
            optimizer.step()

        report("pytorch", "lstm_text step", 32, "float32", measure_epochs(step, wait))

    for precision in ("bfloat16", "float32"):
        predict("resnet50", 64, precision, True)
    train("bfloat16", True)
    recur()
    for precision in ("tensorfloat32", "float32"):
        train(precision, precision == "tensorfloat32")
    predict("resnet50", 64, "tensorfloat32", False)
    for precision in ("float32", "bfloat16"):
        predict("resnet50", 1, precision, precision == "bfloat16")
    for batch in (64, 1):
        for precision in ("bfloat16", "float32"):
            predict("mobilenet_v2", batch, precision, False)


def jax_rows():
    os.environ["KERAS_BACKEND"] = "jax"
    import jax
    import keras
    import numpy as np

    for name, build in (("resnet50", keras.applications.ResNet50), ("mobilenet_v2", keras.applications.MobileNetV2)):
        model = build(weights=None)
        variables = ([v.value for v in model.trainable_variables], [v.value for v in model.non_trainable_variables])
        run = jax.jit(lambda v, x, model=model: model.stateless_call(*v, x, training=False)[0])
        for batch in (64, 1):
            for precision, setting in (("float32", "highest"), ("tensorfloat32", "tensorfloat32")):
                x = jax.device_put(np.random.rand(batch, 224, 224, 3).astype("float32"))
                with jax.default_matmul_precision(setting):
                    result = measure(lambda: np.asarray(run(variables, x)), lambda: None)
                report("jax", name, batch, precision, result)


for rows in (torch_rows, jax_rows):
    try:
        rows()
    except Exception as error:  # one peer that fails must not take the other with it
        print(f"left out: {error}", flush=True)
