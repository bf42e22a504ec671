"""Decodes an archive of JPEG files, FOLDER/{train,test}/CLASS/NAME.jpg, with Pillow in many processes into one safetensors file of
uint8 images [N, 3, S, S] and int64 labels, in the order in which twoview lists a folder: by class, then by name.

    python decode.py images.tar.gz images.safetensors [PROCESSES]
"""
import io
import json
import os
import struct
import sys
import tarfile
from multiprocessing import Pool

from PIL import Image, __version__

SPLITS = ("train", "test")


def pixels(jpeg):
    image = Image.open(io.BytesIO(jpeg)).convert("RGB")
    return image.size, b"".join(band.tobytes() for band in image.split())


def decode(jpegs):
    done = [pixels(jpeg) for jpeg in jpegs]
    sizes = {size for size, _ in done}
    if len(sizes) != 1:
        raise ValueError(f"images of several sizes: {sorted(sizes)}")
    return sizes.pop(), b"".join(data for _, data in done)


def main(archive, target, processes):
    files = {split: {} for split in SPLITS}
    with tarfile.open(archive) as tar:
        for member in tar:
            parts = member.name.split("/")
            if member.isfile() and len(parts) == 4 and parts[1] in SPLITS:
                files[parts[1]][parts[2], parts[3]] = tar.extractfile(member).read()
    classes = sorted({name for name, _ in files["train"]})
    tensors, size = {}, None
    with Pool(processes) as pool:
        for split in SPLITS:
            names = sorted(files[split])
            jpegs = [files[split][name] for name in names]
            chunks = [jpegs[i : i + 500] for i in range(0, len(jpegs), 500)]
            decoded = pool.map(decode, chunks, chunksize=1)
            size = size or decoded[0][0]
            if any(one != size for one, _ in decoded):
                raise ValueError("images of several sizes")
            labels = struct.pack(f"<{len(names)}q", *(classes.index(name) for name, _ in names))
            tensors[f"{split}.labels"] = ("I64", [len(names)], [labels])
            tensors[f"{split}.images"] = ("U8", [len(names), 3, size[1], size[0]], [data for _, data in decoded])
    header, offset = {"__metadata__": {"name": "images", "classes": json.dumps(classes)}}, 0
    ordered = sorted(tensors.items(), key=lambda item: item[1][0])  # I64 first: aligned
    for name, (dtype, shape, data) in ordered:
        length = sum(map(len, data))
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [offset, offset + length]}
        offset += length
    text = json.dumps(header).encode()
    text += b" " * (-(8 + len(text)) % 64)
    with open(target + ".partial", "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, (_, _, data) in ordered:
            file.writelines(data)
    os.replace(target + ".partial", target)
    print(f"Pillow {__version__} decoded {sum(len(files[split]) for split in SPLITS)} images of {len(classes)} classes")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else os.cpu_count())
