"""The pixels of JPEG files as PIL decodes them, written side by side into one file: [N, 3, H, W] bytes."""
import numpy as np
from PIL import Image

from peer import options, serve


def answer(paths):
    with open(options["target"], "wb") as file:
        for path in paths:
            with Image.open(path) as image:
                file.write(np.asarray(image.convert("RGB")).transpose(2, 0, 1).tobytes())
    return len(paths)


serve(answer)
