"""Makes photos.json: checksums of what Keras' load_img makes of the photographs in a folder.

    v/bin/python make_photos.py FOLDER      (the environment of make_images.py)

For each file: the CRC-32 of the pixels as they are, squashed to 224 × 224 by the nearest pixels, and by the
bilinear filter; all in RGB.
"""

import glob
import json
import os
import sys
import zlib

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import keras

photos = {}
for path in sorted(glob.glob(os.path.join(sys.argv[1], "*.JPEG"))):
    loads = [{}, {"target_size": (224, 224)}, {"target_size": (224, 224), "interpolation": "bilinear"}]
    photos[os.path.basename(path)] = [
        zlib.crc32(keras.utils.load_img(path, **arguments).tobytes()) for arguments in loads
    ]
here = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(here, "photos.json"), "w") as out:
    json.dump(photos, out, separators=(",", ":"))
print(len(photos), "photographs")
