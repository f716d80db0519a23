"""Makes layers-text.h5 and preprocessing-text.h5: texts, series and spectrograms with rarer settings, by real Keras.

    python3 -m venv /tmp/venv
    /tmp/venv/bin/pip install keras==3.15.1 tensorflow-cpu==2.21.0 tf_keras scipy h5py
    /tmp/venv/bin/python Tests/Goldens/make_text.py Tests/Goldens
"""

import json
import pathlib
import random
import sys

import h5py
import numpy as np
from keras import layers
from keras.src.legacy.preprocessing import sequence, text
from keras import utils
from make_preprocessing import case, rng

TEXTS = ["The quick brown fox! Jumps over; the lazy dog.", "Café naïve\u00a0— the FOX, the dog's bone", "", "a a a b,b c"]
USED = ["the fox sat on the dog", "CAFÉ unknown dog!", "b a c. A? dog's", "a\tb\n c\x0bd"]


def vectorizations(file):
    def both(texts=USED, adapt=TEXTS, **settings):
        before = layers.TextVectorization(**settings).get_config()["vocabulary_size"]
        layer = layers.TextVectorization(**settings)
        case(file, layer, texts=texts, adapt_texts=adapt)
        newest = file["cases"][max(file["cases"])]
        config = json.loads(newest.attrs["config"])
        config["config"]["vocabulary_size"] = before
        newest.attrs["config"] = json.dumps(config)

    for standardize in [None, "lower", "strip_punctuation"]:
        both(standardize=standardize)
    both(split=None)
    both(split=None, standardize=None, output_mode="count", texts=[["a", "b"], ["", "zz"]], adapt=[["a", "b"], ["c", "a"]])
    both(split=None, output_sequence_length=3, texts=[["a", "b"], ["c", "zz"]], adapt=[["a", "b"], ["c", "a"]])
    both(split=None, ngrams=2, texts=[["a", "b", "c"], ["c", "zz", "a"]], adapt=[["a", "b"], ["c", "a"]])
    both(split="character", output_sequence_length=7)
    both(texts=[[t] for t in USED], adapt=[[t] for t in TEXTS])
    both(texts=["", ""])
    for mode in ["multi_hot", "count", "tf_idf"]:
        both(output_mode=mode, ngrams=(2,), texts=["the fox", ""])
        both(output_mode=mode, max_tokens=9, pad_to_max_tokens=mode != "count")
    case(file, layers.TextVectorization(vocabulary=["fox", "dog"], output_sequence_length=2), texts=USED)
    case(file, layers.TextVectorization(vocabulary=["fox", "dog"], idf_weights=[0.5, 2.0], output_mode="tf_idf"), texts=USED)


def spectrograms(file):
    def normal(*shape):
        return rng.normal(size=shape).astype(np.float32)

    for mode in ["log", "magnitude", "psd", "real", "imag", "stft"]:
        case(file, layers.STFTSpectrogram(mode=mode, frame_length=20, scaling=None), [normal(2, 90, 2)], tolerance=3e-5)
        case(file, layers.STFTSpectrogram(mode=mode, frame_length=16, frame_step=5, padding="same", expand_dims=True,
                                          window="hamming", periodic=True, scaling="spectrum"), [normal(1, 70, 3)], tolerance=3e-5)
    case(file, layers.STFTSpectrogram(frame_length=16, window=None), [normal(1, 64, 1)], tolerance=3e-5)
    case(file, layers.STFTSpectrogram(frame_length=16, window="blackman", data_format="channels_last"), [normal(1, 64, 1)], tolerance=3e-5)
    for settings in [dict(window=None), dict(window="hamming", sequence_length=25), dict(mag_exp=1.5, power_to_db=False),
                     dict(top_db=20.0, ref_power=0.5, min_power=1e-3), dict(min_freq=100.0, max_freq=3000.0)]:
        layer = layers.MelSpectrogram(fft_length=64, sequence_stride=17, sampling_rate=8000, num_mel_bins=6, **settings)
        case(file, layer, [normal(2, 300)], tolerance=3e-5)
    case(file, layers.MelSpectrogram(fft_length=32, sequence_stride=8, num_mel_bins=4), [normal(100)], tolerance=3e-5)
    case(file, layers.MelSpectrogram(fft_length=33, sequence_stride=8, num_mel_bins=4), [normal(1, 100)], tolerance=3e-5)


number = 0


def function(file, kind, name, arguments, inputs=(), outputs=None, texts=None, expect=None):
    global number
    number += 1
    group = file.require_group("cases").create_group(f"{kind}-{name}-t{number:02}")
    group.attrs.update(kind=kind, function=name, arguments=json.dumps(arguments), rtol=1e-6, atol=1e-6)
    for index, x in enumerate(inputs):
        group[f"inputs/{index}"] = x
    for index, y in enumerate(outputs or []):
        group[f"outputs/{index}"] = y
    if texts is not None:
        group.attrs["texts"] = json.dumps(texts)
    if expect is not None:
        group.attrs["expect"] = json.dumps(expect)


LETTERS = ["ΟΔΥΣΣΕΥΣ ΣΑΣ, Σ Α'Σ'Β", "İSTANBUL ẞ ǅ ﬁ", "日本語 テキスト。次", "a\u0301 á A\u0301\u0327", "x\u00a0y\u2003z\r\nw", "👩‍👩‍👧 family, 👩"]


def words(file):
    for arguments in [{}, {"lower": False}, {"filters": "。 \u00a0"}, {"split": "á"}, {"filters": "ΣSá", "split": "<>"}]:
        found = [text.text_to_word_sequence(t, **arguments) for t in LETTERS]
        function(file, "text", "text_to_word_sequence", arguments, texts=LETTERS, expect=found)
    for n in [2, 3, 1 << 40]:
        found = [text.hashing_trick(t, n, "md5") for t in LETTERS]
        function(file, "text", "hashing_trick", {"n": n, "hash_function": "md5"}, texts=LETTERS, expect=found)
    for arguments in [{}, {"char_level": True, "oov_token": "á"}, {"num_words": 4, "oov_token": "family"}, {"split": "\u00a0", "filters": ""}]:
        tokenizer = text.Tokenizer(**arguments)
        tokenizer.fit_on_texts(LETTERS[:3])
        tokenizer.fit_on_texts(LETTERS[2:])
        used = LETTERS[::-1] + ["unknown x x x"]
        sequences = tokenizer.texts_to_sequences(used)
        config = json.loads(tokenizer.to_json())
        for key in ["word_counts", "word_docs", "index_docs", "index_word", "word_index"]:
            config["config"][key] = json.loads(config["config"][key])
        modes = ["binary", "count", "freq", "tfidf"]
        expect = {"word_index": tokenizer.word_index, "index_word": config["config"]["index_word"],
                  "word_counts": list(tokenizer.word_counts.items()), "word_docs": dict(tokenizer.word_docs),
                  "index_docs": config["config"]["index_docs"], "document_count": tokenizer.document_count,
                  "sequences": sequences, "texts": tokenizer.sequences_to_texts(sequences), "to_json": config}
        function(file, "text", "Tokenizer", {**arguments, "modes": modes},
                 outputs=[tokenizer.texts_to_matrix(used, mode=m) for m in modes],
                 texts={"fit": LETTERS[:3] + LETTERS[2:], "use": used}, expect=expect)


def series(file):
    numbers = rng.normal(size=(3, 4, 2)).astype(np.float32)
    for arguments in [{"order": 2.5}, {"axis": 1}, {"axis": -2, "order": 1}]:
        function(file, "sequence", "normalize", arguments, [numbers], [utils.normalize(numbers, **arguments)])
    classes = np.array([[1], [0], [3]])
    function(file, "sequence", "to_categorical", {}, [classes], [utils.to_categorical(classes)])
    import tf_keras

    function(file, "sequence", "to_ordinal", {"num_classes": 5}, [classes], [tf_keras.utils.to_ordinal(classes, 5)])
    for arguments in [{"maxlen": 0, "sequences": [[], []]}, {"sequences": [[[1, 2]], [], [[3, 4], [5, 6]]], "padding": "post", "value": 9}]:
        function(file, "sequence", "pad_sequences", arguments, outputs=[utils.pad_sequences(**arguments)])
    # What is drawn follows Python's random numbers.
    for seed in [0, 3, 2**40 + 1]:
        words = [int(w) for w in rng.integers(0, 9, 12)]
        table = sequence.make_sampling_table(9, 0.1).tolist()
        for arguments in [{"negative_samples": 1.0}, {"negative_samples": 2.5, "sampling_table": table, "categorical": True}]:
            random.seed(seed)
            couples, labels = sequence.skipgrams(words, 9, window_size=2, seed=seed, **arguments)
            known = {"sequence": words, "vocabulary_size": 9, "window_size": 2, "shuffle": True, "seed": seed, **arguments}
            function(file, "sequence", "skipgrams", known, outputs=[np.array(couples), np.array(labels)])
    data, targets = rng.normal(size=(30, 2)).astype(np.float32), np.arange(30, dtype=np.float32)
    generator = sequence.TimeseriesGenerator(data, targets, 4, sampling_rate=3, stride=2, shuffle=True, batch_size=5)
    np.random.seed(11)
    drawn = [array for batch in range(len(generator)) for array in generator[batch]]
    arguments = {"length": 4, "sampling_rate": 3, "stride": 2, "batch_size": 5, "seed": 11}
    function(file, "sequence", "TimeseriesGenerator", arguments, [data, targets], drawn)


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[1])
    for name, makers in [("layers-text.h5", [vectorizations, spectrograms]), ("preprocessing-text.h5", [words, series])]:
        with h5py.File(folder / name, "w", libver=("earliest", "v108")) as file:
            file.attrs.update({"format": "golden/1", "family": "text", "keras_version": "3.15.1"})
            for make in makers:
                make(file)
            print(name, len(file["cases"]))
