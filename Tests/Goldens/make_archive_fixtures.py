"""Makes the .keras fixtures of Tests/KerasFilesTests: a compressed archive, and hostile ones.

    python -m venv env && env/bin/pip install h5py==3.14.0 numpy==2.4.6
    env/bin/python Tests/Goldens/make_archive_fixtures.py
"""

import io
import pathlib
import stat
import struct
import zipfile
import zlib

import h5py
import numpy as np

folder = pathlib.Path(__file__).parent.parent / "KerasFilesTests" / "Fixtures"
config = '{"class_name": "Sequential", "config": {}}'
image = io.BytesIO()
with h5py.File(image, "w") as file:
    file["layers/dense/vars/0"] = np.arange(2000, dtype="float32").reshape(40, 50)
weights = image.getvalue()


def archive(name, *members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(folder / name, "w", compression) as zip:
        for member, data in members:
            if isinstance(member, str):
                member = zipfile.ZipInfo(member, (2020, 1, 1, 0, 0, 0))
                member.compress_type = compression
            zip.writestr(member, data)


model = [("metadata.json", "{}"), ("config.json", config), ("model.weights.h5", weights)]
archive("deflated.keras", *model, compression=zipfile.ZIP_DEFLATED)
archive("parent.keras", ("config.json", config), ("../evil.json", "{}"))
archive("absolute.keras", ("config.json", config), ("/etc/evil", "{}"))
archive("backslash.keras", ("config.json", config), ("assets\\..\\evil", "{}"))
archive("twice.keras", ("config.json", config), ("config.json", config))

link = zipfile.ZipInfo("assets/link", (2020, 1, 1, 0, 0, 0))
link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
archive("link.keras", ("config.json", config), (link, "/etc/passwd"))

# The directory and the member's head say 10 bytes; more come out.
archive("lying.keras", ("config.json", config + " " * 5000), compression=zipfile.ZIP_DEFLATED)
data = bytearray((folder / "lying.keras").read_bytes())
for mark, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
    at = data.index(mark) + offset
    data[at:at + 4] = struct.pack("<I", 10)
(folder / "lying.keras").write_bytes(data)

# One that says it holds 300 MB.
archive("bomb.keras", ("config.json", config), ("assets/zeros", bytes(1000)), compression=zipfile.ZIP_DEFLATED)
data = bytearray((folder / "bomb.keras").read_bytes())
for mark, offset in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
    at = data.rindex(mark) + offset
    data[at:at + 4] = struct.pack("<I", 300 << 20)
(folder / "bomb.keras").write_bytes(data)

archive("checksum.keras", *model)
data = bytearray((folder / "checksum.keras").read_bytes())
at = data.index(b"Sequential")
data[at] ^= 1
(folder / "checksum.keras").write_bytes(data)

big = io.BytesIO()
np.savez_compressed(big, fortran=np.asfortranarray(np.arange(24, dtype=">i2").reshape(2, 3, 4)),
                    scalar=np.float64(2.5), flags=np.array([True, False]), words=np.arange(3, dtype="uint32"))
(folder / "arrays.npz").write_bytes(big.getvalue())
np.save(folder / "objects.npy", np.array([{}], dtype=object))
np.save(folder / "text.npy", np.array(["a"]))
np.save(folder / "structures.npy", np.zeros(2, dtype=[("a", "f4")]))
