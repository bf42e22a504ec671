"""Fixtures for the views: torchvision's own functions on fixed parameters.

    python packages/twoview/scripts/make-view-fixtures.py packages/twoview/test/fixtures/views.safetensors

Made with torch 2.11.0, torchvision 0.26, safetensors, seed 0.
"""
import sys

import torch
from safetensors.torch import save_file
from torchvision.transforms.v2 import functional as F

torch.manual_seed(0)
N, S = 8, 32
base = torch.nn.functional.interpolate(torch.rand(N, 3, 6, 6), size=S, mode="bicubic")
images = (base + 0.1 * torch.rand(N, 3, S, S)).mul(255).clamp(0, 255).to(torch.uint8)
images[6] = 128  # gray: hue and saturation have nothing to turn
images[7, :, :16] = torch.tensor([255, 0, 0], dtype=torch.uint8)[:, None, None]  # pure red: ties of the largest channel
top = torch.tensor([0, 3, 10, 5, 0, 7, 2, 0])
left = torch.tensor([0, 9, 1, 5, 20, 0, 2, 0])
height = torch.tensor([32, 20, 9, 13, 31, 25, 30, 32])
width = torch.tensor([32, 15, 12, 27, 12, 17, 30, 32])
flip = torch.tensor([0, 1, 0, 1, 1, 0, 0, 0])
order = torch.stack([torch.randperm(4) for _ in range(N)])
factors = torch.stack([torch.empty(N).uniform_(0.2, 1.8), torch.empty(N).uniform_(0.2, 1.8), torch.empty(N).uniform_(0.2, 1.8), torch.empty(N).uniform_(-0.2, 0.2)], 1)
gray = torch.tensor([0, 0, 1, 0, 0, 1, 0, 0])
sigma = torch.tensor([0.1, 0.5, 1.0, 1.5, 2.0, 0.7, 0.3, 1.2])
adjust = [F.adjust_brightness, F.adjust_contrast, F.adjust_saturation, F.adjust_hue]

cropped, jittered, grayed, blurred = [], [], [], []
for i in range(N):
    box = [int(v[i]) for v in (top, left, height, width)]
    x = F.resized_crop(images[i].float() / 255, *box, [S, S], antialias=True)
    cropped.append(F.horizontal_flip(x) if flip[i] else x)
    y = cropped[-1]
    for k in order[i]:
        y = adjust[int(k)](y, float(factors[i, k]))
    jittered.append(y)
    grayed.append(F.rgb_to_grayscale(y, num_output_channels=3) if gray[i] else y)
    blurred.append(F.gaussian_blur(grayed[-1], [3, 3], [float(sigma[i])] * 2))
save_file({k: torch.stack(v) if isinstance(v, list) else v.contiguous() for k, v in dict(
    images=images, top=top, left=left, height=height, width=width, flip=flip, order=order, factors=factors, gray=gray, sigma=sigma,
    cropped=cropped, jittered=jittered, grayed=grayed, blurred=blurred).items()}, sys.argv[1])
