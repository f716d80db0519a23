"""What Scripts/gpu-check measures beside ours: PyTorch (eager and compiled, channels last) and JAX through Keras, where
they are there. One JSON object a line, times in milliseconds."""

import json
import os
import statistics
import time


def measure(step, wait, repeats=30):
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


def report(peer, task, batch, precision, result):
    print(json.dumps({"peer": peer, "task": task, "batch_size": batch, "precision": precision, **result}), flush=True)


def torch_rows():
    import torch
    import torchvision

    device = "cuda" if torch.cuda.is_available() else "cpu"
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    for name in ("resnet50", "mobilenet_v2"):
        for batch in (1, 64):
            for precision in ("float32", "tensorfloat32", "bfloat16"):
                torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tensorfloat32"
                type = torch.bfloat16 if precision == "bfloat16" else torch.float32
                model = getattr(torchvision.models, name)().eval().to(device, type, memory_format=torch.channels_last)
                x = torch.rand(batch, 3, 224, 224, device=device, dtype=type).to(memory_format=torch.channels_last)
                with torch.inference_mode():
                    report("pytorch", name, batch, precision, measure(lambda: model(x), wait))
                    if precision != "tensorfloat32":
                        compiled = torch.compile(model)
                        report("pytorch compiled", name, batch, precision, measure(lambda: compiled(x), wait))
    for precision in ("float32", "bfloat16"):
        torch.backends.cudnn.allow_tf32 = False
        model = torchvision.models.resnet50().to(device, memory_format=torch.channels_last)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
        x = torch.rand(64, 3, 224, 224, device=device).to(memory_format=torch.channels_last)
        y = torch.randint(0, 1000, (64,), device=device)
        compiled = torch.compile(model)

        def step(network):
            optimizer.zero_grad(set_to_none=True)
            with torch.autocast(device, torch.bfloat16, enabled=precision == "bfloat16"):
                loss = torch.nn.functional.cross_entropy(network(x), y)
            loss.backward()
            optimizer.step()

        report("pytorch", "resnet50 step", 64, precision, measure(lambda: step(model), wait, 15))
        report("pytorch compiled", "resnet50 step", 64, precision, measure(lambda: step(compiled), wait, 15))


def jax_rows():
    os.environ["KERAS_BACKEND"] = "jax"
    import jax
    import keras
    import numpy as np

    for name, build in (("resnet50", keras.applications.ResNet50), ("mobilenet_v2", keras.applications.MobileNetV2)):
        model = build(weights=None)
        variables = ([v.value for v in model.trainable_variables], [v.value for v in model.non_trainable_variables])
        run = jax.jit(lambda v, x, model=model: model.stateless_call(*v, x, training=False)[0])
        for batch in (1, 64):
            for precision, setting in (("float32", "highest"), ("tensorfloat32", "tensorfloat32")):
                x = jax.device_put(np.random.rand(batch, 224, 224, 3).astype("float32"))
                with jax.default_matmul_precision(setting):
                    last = []
                    result = measure(lambda: last.append(run(variables, x)), lambda: last.pop().block_until_ready())
                report("jax", name, batch, precision, result)


for rows in (torch_rows, jax_rows):
    try:
        rows()
    except Exception as error:  # one peer that fails must not take the other with it
        print(f"left out: {error}", flush=True)
