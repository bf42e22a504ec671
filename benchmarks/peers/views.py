"""The poster's views by torchvision on PIL images, through a DataLoader of two workers: seconds for an epoch."""
import time

import numpy as np
import torch
from PIL import Image
from torchvision import transforms as T

from peer import options, serve

torch.set_num_threads(1)
pipeline = T.Compose([
    T.RandomResizedCrop(32, scale=(0.2, 1.0)),
    T.RandomHorizontalFlip(0.5),
    T.RandomApply([T.ColorJitter(0.4, 0.4, 0.4, 0.1)], 0.8),
    T.RandomGrayscale(0.2),
    T.ToTensor(),
    T.Normalize([0.4914, 0.4822, 0.4465], [0.247, 0.2435, 0.2616]),
])


class TwoViews(torch.utils.data.Dataset):
    """Images in memory, as torchvision's CIFAR10 holds them."""

    def __init__(self):
        self.images = np.random.default_rng(0).integers(0, 256, (options["images"], 32, 32, 3), dtype=np.uint8)

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        image = Image.fromarray(self.images[i])
        return pipeline(image), pipeline(image)


loader = torch.utils.data.DataLoader(
    TwoViews(), options["batch"], shuffle=True, drop_last=True, num_workers=2, persistent_workers=True
)


def measure(_):
    start = time.perf_counter()
    for first, second in loader:
        assert len(first) == len(second)
    return time.perf_counter() - start


serve(measure)
