# SPDX-License-Identifier: Apache-2.0
"""The inputs that fuzzing starts from: a text file for each target, with one input in
hexadecimal on each line.

  corpus.py unpack TEXTS FOLDER      TEXTS/TARGET.hex to the files FOLDER/TARGET/kept-...
  corpus.py pack FOLDER TEXTS BYTES  the other way: the shortest inputs of each target, up to
                                     BYTES bytes together
"""

import pathlib
import sys


def unpack(texts, folder):
    for text in sorted(texts.glob("*.hex")):
        place = folder / text.stem
        place.mkdir(parents=True, exist_ok=True)
        for number, line in enumerate(text.read_text().split("\n")[:-1]):
            (place / f"kept-{number}").write_bytes(bytes.fromhex(line))


def pack(folder, texts, limit):
    texts.mkdir(parents=True, exist_ok=True)
    for place in sorted(path for path in folder.iterdir() if path.is_dir()):
        inputs = sorted({file.read_bytes() for file in place.iterdir()}, key=lambda data: (len(data), data))
        kept, size = [], 0
        for data in inputs:
            size += len(data)
            if size > limit:
                break
            kept.append(data.hex() + "\n")
        if kept:
            (texts / f"{place.name}.hex").write_text("".join(kept))


if sys.argv[1] == "unpack":
    unpack(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]))
else:
    pack(pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]), int(sys.argv[4]))
