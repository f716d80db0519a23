"""Makes picture-kinds.json: small GIF files and what Keras' load_img makes of them, and files of other colours with what
load_img and TensorFlow's decode_image make of them.

    python -m venv v && v/bin/pip install pillow==13.0.0 numpy==2.4.6 keras==3.15.1 tensorflow-cpu==2.21.0
    v/bin/python make_picture_kinds.py

GIF files are written by hand, because Pillow writes only some of the kinds. Each GIF case has the file, and the CRC-32 of its
pixels in every colour mode; null where Keras refuses it.
"""

import base64
import io
import json
import os
import struct
import zlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras
import numpy as np
import PIL
import tensorflow as tf
from PIL import Image

assert (PIL.__version__, np.__version__, keras.__version__) == ("13.0.0", "2.4.6", "3.15.1")
random = np.random.default_rng(20)


def codes(indices, bits, clear_first=True, end=True, clear_every=None):
    """Lempel, Ziv and Welch's codes with their sizes."""
    clear = 1 << bits
    table, size, out = {}, bits + 1, []

    def reset():
        nonlocal table, size
        table, size = {(i,): i for i in range(clear)}, bits + 1

    reset()
    if clear_first:
        out.append((clear, size))
    free, word = clear + 2, ()
    for count, index in enumerate(indices):
        if word + (index,) in table:
            word += (index,)
            continue
        out.append((table[word], size))
        if free < 4096:
            table[word + (index,)] = free
            if free == 1 << size and size < 12:
                size += 1
            free += 1
        word = (index,)
        if clear_every and count % clear_every == 0:
            out.append((table[word], size))
            out.append((clear, size))
            reset()
            free, word = clear + 2, ()
    if word:
        out.append((table[word], size))
        if free == 1 << size and size < 12:
            size += 1
    if end:
        out.append((clear + 1, size))
    return out


def packed(codes, block=255):
    value, place = 0, 0
    for code, size in codes:
        value |= code << place
        place += size
    data = value.to_bytes((place + 7) // 8, "little")
    blocks = [data[i : i + block] for i in range(0, len(data), block)]
    return b"".join(bytes([len(b)]) + b for b in blocks) + b"\0"


def gif(pixels, bits, screen=None, at=(0, 0), palette=None, local=None, interlaced=False, transparent=None,
        before=b"", after=b"\x3b", block=255, **coding):
    height, width = pixels.shape
    screen = screen or (width, height)
    out = b"GIF89a" + struct.pack("<HH", *screen)
    out += bytes([0x80 | bits - 1 if palette is not None else 0, 3, 0])
    if palette is not None:
        out += bytes(palette)
    out += before
    if transparent is not None:
        out += b"\x21\xf9\x04\x01\0\0" + bytes([transparent]) + b"\0"
    flags = (0x40 if interlaced else 0) | (0x80 | bits - 1 if local is not None else 0)
    out += b"," + struct.pack("<HHHHB", *at, width, height, flags)
    if local is not None:
        out += bytes(local)
    rows = range(height)
    if interlaced:
        rows = [y for start, step in ((0, 8), (4, 8), (2, 4), (1, 2)) for y in range(start, height, step)]
    first = max(bits, 2)
    return out + bytes([first]) + packed(codes([int(v) for y in rows for v in pixels[y]], first, **coding), block) + after


def colors(bits):
    return random.integers(0, 256, 3 << bits, dtype=np.uint8)


def numbers(height, width, bits):
    return random.integers(0, 1 << bits, (height, width))


files = {
    "palette": gif(numbers(5, 7, 4), 4, palette=colors(4)),
    "two colours": gif(numbers(3, 9, 1), 1, palette=colors(1)),
    "256 colours": gif(numbers(20, 30, 8), 8, palette=colors(8), block=100),
    "many codes": gif(numbers(90, 90, 6), 6, palette=colors(6)),
    "cleared": gif(numbers(20, 20, 3), 3, palette=colors(3), clear_every=40),
    "runs": gif(np.zeros((40, 40), int), 2, palette=colors(2)),
    "interlaced": gif(numbers(13, 6, 3), 3, palette=colors(3), interlaced=True),
    "interlaced, one row": gif(numbers(1, 6, 3), 3, palette=colors(3), interlaced=True),
    "transparent": gif(numbers(6, 5, 2), 2, palette=colors(2), transparent=2),
    "own colours": gif(numbers(6, 5, 2), 2, palette=colors(2), local=colors(2)),
    "no colours": gif(numbers(6, 5, 3), 3),
    "grey": gif(numbers(6, 5, 3), 3, palette=np.repeat(np.arange(8, dtype=np.uint8), 3)),
    "grey, transparent": gif(
        numbers(6, 5, 3), 3, palette=np.repeat(np.arange(8, dtype=np.uint8), 3), transparent=5),
    "smaller than its screen": gif(numbers(3, 4, 2), 2, screen=(7, 6), at=(2, 1), palette=colors(2)),
    "smaller, transparent": gif(
        numbers(3, 4, 2), 2, screen=(7, 6), at=(2, 1), palette=colors(2), transparent=1),
    "larger than its screen": gif(numbers(5, 6, 2), 2, screen=(4, 3), at=(1, 1), palette=colors(2)),
    "no screen": gif(numbers(5, 6, 2), 2, screen=(0, 0), palette=colors(2)),
    "numbers without colours": gif(numbers(5, 6, 4), 4, palette=None, local=None),
    "comment": gif(numbers(3, 3, 2), 2, palette=colors(2), before=b"\x21\xfe\x05hello\0\x21\xff\x02ab\x01c\0"),
    "something in between": gif(numbers(3, 3, 2), 2, palette=colors(2), before=b"\x07\x08"),
    "no terminator": gif(numbers(4, 4, 2), 2, palette=colors(2), after=b"")[:-1],
    "two pictures": gif(numbers(4, 4, 2), 2, palette=colors(2), after=b"")
    + gif(numbers(4, 4, 2), 2)[13:],
    "no clear code": gif(numbers(4, 4, 2), 2, palette=colors(2), clear_first=False),
    "no end code": gif(numbers(4, 4, 2), 2, palette=colors(2), end=False),
    "ends early": gif(numbers(2, 4, 2), 2, palette=colors(2)).replace(
        struct.pack("<HHHH", 0, 0, 4, 2), struct.pack("<HHHH", 0, 0, 4, 3)),
    "no picture": gif(numbers(2, 2, 2), 2, palette=colors(2))[: 13 + 12] + b"\x3b",
}
# A file of 16 colours that has only 4.
short = gif(numbers(5, 6, 4), 4)
files["beyond the last colour"] = short[:10] + b"\x81" + short[11:13] + bytes(colors(2)) + short[13:]
for cut in (3, 12, 20, 40):
    files[f"cut by {cut}"] = files["palette"][:-cut]

cases = []
for name, data in files.items():
    case = {"name": name, "file": base64.b64encode(data).decode()}
    for mode in ("rgb", "grayscale", "rgba"):
        try:
            image = keras.utils.load_img(io.BytesIO(data), color_mode=mode)
            case["size"] = [image.height, image.width]
            pixels = image.tobytes()
            case[mode] = zlib.crc32(pixels)
        except Exception as error:
            print(name, mode, type(error).__name__, error)
            case[mode] = None
    cases.append(case)
# Pictures of 4 × 3 in colours of many kinds.
pixels = np.array([(x * 37 + y * 11 + c * 50) % 256 for y in range(3) for x in range(4) for c in range(4)], np.uint8)
pixels = pixels.reshape(3, 4, 4)
pixels[..., 3] = [[255, 0, 128, 200], [10, 255, 255, 255], [0, 1, 2, 3]]
opaque, clear = Image.fromarray(pixels[..., :3].copy()), Image.fromarray(pixels.copy())
gray = Image.fromarray(pixels[..., 0].copy())
mixed = {
    "1 gray.png": gray,
    "2 colors.png": opaque,
    "3 opacity.png": clear,
    "4 palette.png": opaque.quantize(4),
    "5 gray and opacity.png": clear.convert("LA"),
    "6 ink.jpg": clear.convert("RGB").convert("CMYK"),
    "7 gray.jpg": gray,
    "8 colors.jpg": opaque,
}
others = []
for name, image in mixed.items():
    file = io.BytesIO()
    image.save(file, "PNG" if name.endswith("png") else "JPEG")
    data = file.getvalue()
    loaded = keras.utils.load_img(io.BytesIO(data), color_mode="rgb")
    decoded = tf.image.decode_image(data, channels=3, expand_animations=False).numpy()
    others.append({
        "name": name, "file": base64.b64encode(data).decode(),
        "pillow": base64.b64encode(loaded.tobytes()).decode(),
        "tensorflow": base64.b64encode(decoded.tobytes()).decode()})

with open(os.path.join(os.path.dirname(__file__), "picture-kinds.json"), "w") as out:
    json.dump({"gif": cases, "mixed": others}, out, separators=(",", ":"))
