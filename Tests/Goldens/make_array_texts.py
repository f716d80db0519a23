"""Arrays and how NumPy prints them, for Tests/KerasCoreTests/Fixtures/numpy-text.json (NumPy 2.4.6).

Each case: type, shape, bytes in hexadecimal, text.
"""
import json
import pathlib
import random

import numpy as np

rng = np.random.default_rng(7)
cases = []


def add(array):
    cases.append((array.dtype.name, list(array.shape), array.tobytes().hex(), str(array)))


shapes = [(), (1,), (3,), (7,), (40,), (2, 3), (3, 1, 4), (2, 2, 2, 3), (0,), (0, 3), (2, 0), (1001,), (40, 30),
          (12, 11, 10), (5, 6, 7, 8), (1000,), (2, 600)]
for turn in range(6):
    for shape in shapes:
        for name in ["float32", "float64", "float16"]:
            kinds = [
                rng.standard_normal(shape), rng.standard_normal(shape) * 1000, np.round(rng.standard_normal(shape) * 4),
                rng.random(shape) * 10.0 ** rng.integers(-9, 9, shape), np.round(rng.random(shape), 2),
                rng.random(shape) * 1e-6, np.round(rng.random(shape) * 2e6), rng.integers(0, 3, shape) * 1.0,
                rng.standard_normal(shape) * 10.0 ** rng.integers(-3, 4),
            ]
            array = np.asarray(kinds[turn * 3 if turn < 3 else rng.integers(0, 9)]).astype(name)
            add(array)
            odd = np.array(array)
            if odd.size > 1:
                flat = odd.reshape(-1)
                flat[0] = rng.choice([np.nan, np.inf, -np.inf])
                if flat.size > 3 and turn % 2:
                    flat[1:3] = [np.nan, -np.inf]
                add(odd)
            if odd.size == 1:
                for value in [0.1, -0.0, 1e-5, 1e16, 123456789.0, 1e8, -1e20, np.nan, -np.inf, 3.0]:
                    with np.errstate(all="ignore"):
                        add(np.full(shape, value).astype(name))
        for name in ["int8", "uint8", "int16", "int32", "int64"]:
            limits = np.iinfo(name)
            low = max(limits.min, -(10 ** rng.integers(1, 10)))
            add(np.asarray(rng.integers(low, min(limits.max, 10 ** rng.integers(1, 10)), shape)).astype(name))
        add(np.asarray(rng.random(shape) > 0.5))

random.seed(1)
small = [case for case in cases if len(case[2]) < 700]
large = [case for case in cases if len(case[2]) >= 700 and case[0] in ("bool", "int8")]
folder = pathlib.Path(__file__).parent.parent / "KerasCoreTests" / "Fixtures"
folder.mkdir(exist_ok=True)
(folder / "numpy-text.json").write_text(json.dumps(random.sample(small, 150) + large[:6], separators=(",", ":")))
