"""Makes JPEG photographs without noise (quality 90, 4:2:0): smooth colours of several sizes and shapes with sharp edges. All but the first
files are links to them, since writing thousands of 12 megapixels takes longer than reading them."""
import os
import shutil

import numpy as np
from PIL import Image, ImageDraw

from peer import options, serve

folder, count, width, height, distinct = (options[key] for key in ("folder", "count", "width", "height", "distinct"))
# Cells across the picture, and the amplitude of their colours in levels: it falls with the frequency, as in photographs.
FIELDS = ((4, 90), (16, 50), (64, 30), (256, 14), (1024, 6))
SHAPES = 60


def photo(random):
    pixels = np.full((height, width, 3), 128, np.float32)
    for cells, amplitude in FIELDS:
        if cells > width:
            break
        field = random.integers(0, 256, (max(2, cells * height // width), cells, 3), dtype=np.uint8)
        smooth = np.asarray(Image.fromarray(field).resize((width, height), Image.BICUBIC), np.float32)
        pixels += (smooth - 128) * (amplitude / 128)
    picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(SHAPES):
        x, y = int(random.integers(0, width)), int(random.integers(0, height))
        a, b = (int(side) for side in random.integers(width // 60, width // 6, 2))
        shape = draw.ellipse if random.random() < 0.5 else draw.rectangle
        shape([x, y, x + a, y + b], fill=tuple(int(value) for value in random.integers(0, 256, 3)))
    return picture


if not os.path.exists(folder):
    random = np.random.default_rng(0)
    partial = folder + ".partial"
    shutil.rmtree(partial, ignore_errors=True)
    os.makedirs(partial)
    for i in range(count):
        path = os.path.join(partial, f"{i:05d}.jpg")
        if i < distinct:
            photo(random).save(path, quality=90, subsampling="4:2:0")
        else:
            os.link(os.path.join(partial, f"{i % distinct:05d}.jpg"), path)
    os.rename(partial, folder)
serve(lambda question: None)
