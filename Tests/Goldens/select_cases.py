"""Copies the cases of some kinds, or whose names begin so, from one golden file into another.

    python select_cases.py functions.h5 functions-core.h5 activation initializer regularizer constraint
    python select_cases.py layers.h5 layers-preprocessing.h5 Resizing- CenterCrop-
"""

import sys

import h5py

source, target, *wanted = sys.argv[1:]
with h5py.File(source) as old, h5py.File(target, "w", libver=("earliest", "v108")) as new:
    new.attrs.update(old.attrs)
    cases = new.create_group("cases")
    for name, group in old["cases"].items():
        if group.attrs["kind"] in wanted or any(name.startswith(start) for start in wanted):
            old.copy(group, cases, name)
