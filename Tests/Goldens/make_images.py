"""Makes images.json: small picture files and what Keras' load_img makes of them.

    python -m venv v && v/bin/pip install pillow==13.0.0 numpy==2.4.6 keras==3.15.1 tensorflow-cpu==2.21.0
    v/bin/python make_images.py

Each file is stored whole (base64). Each case names a file, the arguments of load_img, and the result: mode,
width, height and pixels, in base64, or their CRC-32 where they are more than 600 bytes. 16-bit grey has the
low byte first. Then there are arrays and what preprocess_input and array_to_img make of them.
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
from PIL import Image

assert (PIL.__version__, np.__version__, keras.__version__) == ("13.0.0", "2.4.6", "3.15.1")
random = np.random.default_rng(20)
INTERPOLATIONS = ["nearest", "bilinear", "bicubic", "lanczos", "box", "hamming"]
files, cases = {}, []


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed(samples, depth):
    """Unfiltered rows of samples, each of `depth` bits."""
    out = b""
    for row in samples:
        if depth == 16:
            out += b"\0" + row.astype(">u2").tobytes()
        else:
            bits = "".join(format(int(v), f"0{depth}b") for v in row)
            bits += "0" * (-len(bits) % 8)
            out += b"\0" + bytes(int(bits[i : i + 8], 2) for i in range(0, len(bits), 8))
    return out


ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png(pixels, color, depth, interlaced, palette=None, transparency=None):
    """A PNG file written by hand, because Pillow writes only some of the kinds."""
    height, width, _ = pixels.shape
    if interlaced:
        passes = [pixels[y::dy, x::dx] for x, y, dx, dy in ADAM7]
        raw = b"".join(packed(p.reshape(p.shape[0], -1), depth) for p in passes if p.size)
    else:
        raw = packed(pixels.reshape(height, -1), depth)
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, int(interlaced))
    out = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"gAMA", struct.pack(">I", 30000))
    if palette is not None:
        out += chunk(b"PLTE", palette)
    if transparency is not None:
        out += chunk(b"tRNS", transparency)
    data = zlib.compress(raw, 9)
    half = len(data) // 2
    return out + chunk(b"IDAT", data[:half]) + chunk(b"IDAT", data[half:]) + chunk(b"IEND", b"")


def case(name, color, size=None, interpolation="nearest", keep=False):
    image = keras.utils.load_img(
        io.BytesIO(files[name]),
        color_mode=color,
        target_size=size,
        interpolation=interpolation,
        keep_aspect_ratio=keep,
    )
    pixels = image.tobytes()
    entry = {"file": name, "color": color, "mode": image.mode, "width": image.width, "height": image.height}
    if size:
        entry.update({"size": list(size), "interpolation": interpolation, "keep": keep})
    if len(pixels) <= 600:
        entry["pixels"] = base64.b64encode(pixels).decode()
    else:
        entry["crc32"] = zlib.crc32(pixels)
    cases.append(entry)


def add(name, data, sizes=((7, 9),)):
    files[name] = data
    for color in ["rgb", "rgba", "grayscale"]:
        case(name, color)
        for size in sizes:
            case(name, color, size, "bilinear")
            case(name, color, size, "nearest", True)


def make_pngs():
    kinds = [(0, [1, 2, 4, 8, 16], 1), (2, [8, 16], 3), (3, [1, 2, 4, 8], 1), (4, [8, 16], 2), (6, [8, 16], 4)]
    for color, depths, channels in kinds:
        for depth in depths:
            for variant in range(4):
                interlaced = variant % 2 == 1
                top = 2**depth
                # Grey of 16 bits is clipped to 255, so small values are the interesting ones.
                pixels = random.integers(0, min(top, 700) if color == 0 else top, (9, 12, channels))
                palette = transparency = None
                if color == 3:
                    # Fewer entries than indices: the rest is black.
                    count = int(random.integers(1, top + 1))
                    palette = random.integers(0, 256, 3 * count, dtype=np.uint8).tobytes()
                    if variant >= 2:
                        transparency = random.integers(0, 256, max(1, count // 2), dtype=np.uint8).tobytes()
                elif variant >= 2 and color in (0, 2):
                    value = pixels[4, 4] if variant == 2 else pixels[4, 4] >> max(0, depth - 8)
                    transparency = b"".join(struct.pack(">H", int(v)) for v in value)
                name = f"png-{color}-{depth}-{variant}.png"
                add(name, png(pixels, color, depth, interlaced, palette, transparency))


def jpeg(image, **arguments):
    out = io.BytesIO()
    image.save(out, "JPEG", **arguments)
    return out.getvalue()


def photo(width, height):
    """Something smooth with edges and colours, which shows errors in chroma."""
    y, x = np.mgrid[0:height, 0:width] / 8.0
    waves = [np.sin(x + y), np.cos(1.7 * x - y), np.sin(0.3 * x * y)]
    return Image.fromarray((np.stack(waves, -1) * 127 + 128).astype(np.uint8))


def make_jpegs():
    image = photo(37, 29)
    for progressive in (False, True):
        kind = "progressive" if progressive else "baseline"
        for subsampling in (0, 1, 2):
            add(f"{kind}-{subsampling}.jpg", jpeg(image, subsampling=subsampling, progressive=progressive))
        add(f"{kind}-gray.jpg", jpeg(image.convert("L"), progressive=progressive))
        cmyk = jpeg(image.convert("CMYK"), progressive=progressive)
        add(f"{kind}-cmyk.jpg", cmyk)
        # The same data declared as YCCK by Adobe's marker.
        at = cmyk.index(b"Adobe") + 11
        add(f"{kind}-ycck.jpg", cmyk[:at] + b"\2" + cmyk[at + 1 :])
        add(f"{kind}-rgb.jpg", jpeg(image, keep_rgb=True, progressive=progressive))
        add(f"{kind}-restart.jpg", jpeg(image, restart_marker_blocks=2, progressive=progressive))
    add("one-pixel.jpg", jpeg(photo(1, 1)))
    exif = Image.Exif()
    for orientation in range(1, 9):
        exif[274] = orientation
        files[f"turned-{orientation}.jpg"] = jpeg(photo(19, 13), exif=exif)
        case(f"turned-{orientation}.jpg", "rgb")


def upright(name):
    """What the picture is after its EXIF tag has been followed."""
    from PIL import ImageOps

    image = ImageOps.exif_transpose(Image.open(io.BytesIO(files[name])))
    cases.append(
        {
            "file": name, "color": "rgb", "orientation": "apply", "mode": image.mode,
            "width": image.width, "height": image.height, "crc32": zlib.crc32(image.tobytes()),
        }
    )  # fmt: skip


def make_resizes():
    def stored(name, image):
        out = io.BytesIO()
        image.save(out, "PNG", optimize=True)
        files[name] = out.getvalue()

    noise = lambda shape, top=256: random.integers(0, top, shape)
    stored("noise-rgb.png", Image.fromarray(noise((23, 31, 3)).astype(np.uint8)))
    stored("noise-rgba.png", Image.fromarray(noise((23, 31, 4)).astype(np.uint8)))
    stored("noise-gray.png", Image.fromarray(noise((23, 31)).astype(np.uint8)))
    stored("noise-gray16.png", Image.fromarray(noise((23, 31), 65536).astype(np.uint16)))
    stored("tall.png", Image.fromarray(noise((90, 11, 3)).astype(np.uint8)))
    colors = {"noise-rgba.png": "rgba", "noise-gray.png": "grayscale", "noise-gray16.png": "grayscale"}
    for name in ["noise-rgb.png", "noise-rgba.png", "noise-gray.png", "noise-gray16.png", "tall.png"]:
        height = 90 if name == "tall.png" else 23
        for interpolation in INTERPOLATIONS:
            for size in [(11, 13), (40, 50), (23, 16), (9, 31), (5, 70), (70, 5), (1, 1), (height, 11)]:
                for keep in (False, True):
                    case(name, colors.get(name, "rgb"), size, interpolation, keep)


def center_crops():
    """Resized to 256/224 of the size by the shorter side, and cut: not in Keras, so composed of Pillow's parts."""
    for name in ["baseline-2.jpg", "noise-rgba.png", "tall.png"]:
        color = "rgba" if "rgba" in name else "rgb"
        image = Image.open(io.BytesIO(files[name])).convert(color.upper())
        for height, width in [(16, 16), (7, 12), (23, 31)]:
            factor = max(height / image.height, width / image.width) / 0.875
            size = (max(width, round(image.width * factor)), max(height, round(image.height * factor)))
            left, top = (size[0] - width) // 2, (size[1] - height) // 2
            result = image.resize(size, Image.BILINEAR).crop((left, top, left + width, top + height))
            cases.append(
                {
                    "file": name, "color": color, "size": [height, width], "preset": "center-crop",
                    "mode": result.mode, "width": width, "height": height,
                    "crc32": zlib.crc32(result.tobytes()),
                }
            )  # fmt: skip


def encoded(array):
    return base64.b64encode(np.ascontiguousarray(array, "<f4").tobytes()).decode()


def make_preprocessing():
    from keras.applications.imagenet_utils import preprocess_input

    every = np.repeat(np.arange(256, dtype=np.float32), 3).reshape(16, 16, 3)
    real = random.uniform(-30, 300, (2, 4, 5, 3)).astype(np.float32)
    out = []
    for mode in ["caffe", "tf", "torch"]:
        for array in (every, real):
            for data_format in ["channels_last", "channels_first"]:
                x = array if data_format == "channels_last" else np.moveaxis(array, -1, -3).copy()
                y = preprocess_input(x.copy(), data_format=data_format, mode=mode)
                out.append(
                    {
                        "mode": mode, "data_format": data_format, "shape": x.shape,
                        "input": encoded(x), "output": encoded(y),
                    }
                )  # fmt: skip
    return out


def make_arrays():
    out = []
    for channels, scale, low, high in [
        (1, True, -3, 5), (3, True, 0, 1), (4, True, 0, 255), (3, True, 7, 7), (1, False, 0, 256),
        (3, False, 0, 256), (4, False, -300, 600), (1, True, 0, 1000),
    ]:  # fmt: skip
        x = random.uniform(low, high, (6, 5, channels)).astype(np.float32)
        for data_format in ["channels_last", "channels_first"]:
            given = x if data_format == "channels_last" else np.moveaxis(x, -1, 0)
            image = keras.utils.array_to_img(given, data_format=data_format, scale=scale)
            pixels = base64.b64encode(image.tobytes()).decode()
            out.append(
                {
                    "scale": scale, "data_format": data_format, "shape": given.shape,
                    "input": encoded(given), "mode": image.mode, "pixels": pixels,
                }
            )  # fmt: skip
    return out


make_pngs()
make_jpegs()
for orientation in range(1, 9):
    upright(f"turned-{orientation}.jpg")
make_resizes()
center_crops()
document = {
    "made_with": {"pillow": PIL.__version__, "keras": keras.__version__, "numpy": np.__version__},
    "files": {name: base64.b64encode(data).decode() for name, data in files.items()},
    "cases": cases,
    "preprocess_input": make_preprocessing(),
    "array_to_img": make_arrays(),
}
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "images.json"), "w") as out:
    json.dump(document, out, separators=(",", ":"))
print(len(files), "files,", len(cases), "cases")
