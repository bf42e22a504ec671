"""JPEG photographs to squares of 224 pixels [N, 3, 224, 224], in two processes: with Pillow and draft(), or with OpenCV and its reduced
decoding. Both cut the middle square out and bring it to size by the filter that suits shrinking."""
import os
import time
from multiprocessing import get_context

import cv2
import numpy as np
from PIL import Image

from peer import options, serve

SIZE = 224


def with_pillow(path):
    with Image.open(path) as image:
        image.draft("RGB", (SIZE, SIZE))
        image = image.convert("RGB")
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        return np.asarray(image.resize((SIZE, SIZE), Image.LANCZOS, box=(left, top, left + side, top + side)))


def with_opencv(path):
    with Image.open(path) as image:
        side = min(image.size)  # the header alone
    reduced = {8: cv2.IMREAD_REDUCED_COLOR_8, 4: cv2.IMREAD_REDUCED_COLOR_4, 2: cv2.IMREAD_REDUCED_COLOR_2}
    by = next((by for by in reduced if side // by >= SIZE), 1)
    image = cv2.imread(path, reduced.get(by, cv2.IMREAD_COLOR))
    side = min(image.shape[:2])
    top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
    square = image[top : top + side, left : left + side]
    return cv2.cvtColor(cv2.resize(square, (SIZE, SIZE), interpolation=cv2.INTER_AREA), cv2.COLOR_BGR2RGB)


def share(job):
    how, paths, target, first = job
    read = {"pillow": with_pillow, "opencv": with_opencv}[how]
    out = np.lib.format.open_memmap(target, mode="r+")
    for i, path in enumerate(paths):
        out[first + i] = read(path).transpose(2, 0, 1)


def start():
    cv2.setNumThreads(1)  # each process has one core


def answer(question):
    """Seconds, without the start of the processes."""
    how, paths, target = question["how"], question["paths"], question["target"]
    np.lib.format.open_memmap(target, mode="w+", dtype=np.uint8, shape=(len(paths), 3, SIZE, SIZE))
    step = -(-len(paths) // 8)
    jobs = [(how, paths[i : i + step], target, i) for i in range(0, len(paths), step)]
    begin = time.perf_counter()
    pool.map(share, jobs, chunksize=1)
    seconds = time.perf_counter() - begin
    os.remove(target)
    return seconds


if __name__ == "__main__":
    pool = get_context("fork").Pool(2, start)
    serve(answer)
