"""pipeline_worker.py KIND FOLDER THREADS: goes once through the JPEGs of a folder that holds a folder for each class,
whenever it is asked to (see turns.py for the protocol). The work is that of Benchmarks/Pipeline.

KIND is tf.data, or the DataLoader of PyTorch with Pillow (dataloader-pillow) or with torchvision's own decoder
(dataloader-torchvision).
"""

import os
import sys
import time

from turns import take_turns

kind, folder, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])


def tf_data():
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(threads)
    classes = sorted(os.listdir(folder))
    files = [(os.path.join(folder, name, file), label)
             for label, name in enumerate(classes) for file in sorted(os.listdir(os.path.join(folder, name)))]

    def sample(path, label):
        image = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        image = tf.image.resize(image, (224, 224))
        image = tf.image.random_flip_left_right(image)
        return tf.image.random_crop(image, (200, 200, 3)), label

    data = tf.data.Dataset.from_tensor_slices(([path for path, _ in files], [label for _, label in files]))
    data = data.map(sample, num_parallel_calls=tf.data.AUTOTUNE, deterministic=True).batch(32)
    data = data.prefetch(tf.data.AUTOTUNE)
    options = tf.data.Options()
    options.threading.private_threadpool_size = threads
    data = data.with_options(options)

    def epoch():
        count = sum(int(labels.shape[0]) for _, labels in data)
        assert count == len(files), count

    return epoch


def dataloader(decoder):
    import torch
    from torch.utils.data import DataLoader
    from torchvision import io
    from torchvision.datasets import ImageFolder
    from torchvision.transforms import v2

    torch.set_num_threads(1)
    steps = [v2.Resize((224, 224), antialias=False), v2.RandomHorizontalFlip(), v2.RandomCrop(200)]
    if decoder == "torchvision":
        loader = lambda path: io.decode_jpeg(io.read_file(path), mode=io.ImageReadMode.RGB)
        images = ImageFolder(folder, v2.Compose([*steps, v2.ToDtype(torch.float32, scale=True)]), loader=loader)
    else:
        last = [v2.PILToTensor(), v2.ToDtype(torch.float32, scale=True)]
        images = ImageFolder(folder, v2.Compose([*steps, *last]))
    data = DataLoader(images, batch_size=32, num_workers=threads, persistent_workers=True, prefetch_factor=2)

    def epoch():
        count = sum(len(labels) for _, labels in data)
        assert count == len(images), count

    return epoch


start = time.perf_counter()
run = tf_data() if kind == "tf.data" else dataloader(kind.removeprefix("dataloader-"))
take_turns(start, run)
