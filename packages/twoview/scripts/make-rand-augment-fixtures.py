"""Fixtures for RandAugment: torchvision's own operations, each with both signs, at one strength.

    python packages/twoview/scripts/make-rand-augment-fixtures.py packages/twoview/test/fixtures/rand-augment.safetensors

Made with torch 2.11.0, torchvision 0.26, safetensors, seed 0.
"""
import sys

import torch
from safetensors.torch import save_file
from torchvision.transforms import InterpolationMode, RandAugment
from torchvision.transforms.autoaugment import _apply_op

torch.manual_seed(0)
NAMES = ["Identity", "ShearX", "ShearY", "TranslateX", "TranslateY", "Rotate", "Brightness", "Color", "Contrast", "Sharpness",
         "Posterize", "Solarize", "AutoContrast"]
S, STRENGTH = 16, 9
image = torch.nn.functional.interpolate(torch.rand(1, 3, 5, 5), size=S, mode="bicubic").mul(0.8).add(0.1)
image = (image + 0.1 * torch.rand(1, 3, S, S)).mul(255).clamp(0, 255).to(torch.uint8)[0]
space = RandAugment()._augmentation_space(31, (S, S))
made = []
for name in NAMES:
    magnitudes, signed = space[name]
    magnitude = float(magnitudes[STRENGTH]) if magnitudes.ndim > 0 else 0.0
    for sign in (1, -1):
        # Posterize alone needs bytes; the others are exact on floats.
        x = image if name == "Posterize" else image.float() / 255
        value = magnitude / 255 if name == "Solarize" else sign * magnitude if signed else magnitude
        y = _apply_op(x, name, value, InterpolationMode.NEAREST, None)
        made.append(y.float() / 255 if y.dtype == torch.uint8 else y)
save_file({"image": image, "made": torch.stack(made)}, sys.argv[1])
