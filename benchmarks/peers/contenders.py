"""How others pre-train with SimCLR: each a pair of an iterator over batches of two views, and a way to compute a step.

published  what public CIFAR-10 repositories do: PIL views in DataLoader workers, float32, as torch lays tensors out
lightly    the package's own transform, loss and projection head in such a loop
optimised  what PyTorch offers to one who tries: kornia's views of whole batches, channels-last, bfloat16 where asked
compiled   the same through torch.compile
"""
import itertools

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms as T

import networks

MEAN, STD = [0.4914, 0.4822, 0.4465], [0.247, 0.2435, 0.2616]
WORKERS = 2


class Pictures(Dataset):
    """Images in memory with the views of a transform, as torchvision's CIFAR10 holds and makes them."""

    def __init__(self, images, transform):
        self.images, self.transform = images, transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        return self.transform(Image.fromarray(self.images[i]))


def forever(loader):
    return itertools.chain.from_iterable(itertools.repeat(loader))


def loaded(images, batch, transform):
    pictures = Pictures(images.permute(0, 2, 3, 1).numpy(), transform)
    return forever(
        DataLoader(pictures, batch, shuffle=True, drop_last=True, num_workers=WORKERS, persistent_workers=True)
    )


def published(images, options):
    size = images.shape[-1]
    view = T.Compose([
        T.RandomResizedCrop(size, scale=(0.2, 1.0)),
        T.RandomHorizontalFlip(0.5),
        T.RandomApply([T.ColorJitter(0.4, 0.4, 0.4, 0.1)], 0.8),
        T.RandomGrayscale(0.2),
        T.ToTensor(),
        T.Normalize(MEAN, STD),
    ])
    network, length = networks.encoder(options["model"])
    head = networks.head(length)
    batches = loaded(images, options["batch"], lambda image: (view(image), view(image)))
    loss = lambda a, b: networks.nt_xent(a, b, options["temperature"])
    return network, head, batches, lambda a, b: loss(head(network(a)), head(network(b)))


def lightly(images, options):
    from lightly.loss import NTXentLoss
    from lightly.models.modules import SimCLRProjectionHead
    from lightly.transforms import SimCLRTransform

    transform = SimCLRTransform(
        input_size=images.shape[-1], cj_strength=0.5, min_scale=0.2, gaussian_blur=0.0, normalize={"mean": MEAN, "std": STD}
    )
    network, length = networks.encoder(options["model"])
    head = SimCLRProjectionHead(length, length, 128)
    criterion = NTXentLoss(temperature=options["temperature"])
    batches = loaded(images, options["batch"], transform)
    return network, head, batches, lambda a, b: criterion(head(network(a)), head(network(b)))


def optimised(images, options, compiled=False):
    import kornia.augmentation as K

    size = images.shape[-1]
    views = K.AugmentationSequential(
        K.RandomResizedCrop((size, size), scale=(0.2, 1.0)),
        K.RandomHorizontalFlip(0.5),
        K.ColorJitter(0.4, 0.4, 0.4, 0.1, p=0.8),
        K.RandomGrayscale(p=0.2),
        K.Normalize(MEAN, STD),
        data_keys=["input"],
    )
    network, length = networks.encoder(options["model"])
    head = networks.head(length)
    network.to(memory_format=torch.channels_last)
    project = torch.nn.Sequential(network, head)
    run = torch.compile(project) if compiled else project

    def batches():
        while True:
            order = torch.randperm(len(images)).split(options["batch"])
            for part in order[: len(images) // options["batch"]]:
                with torch.no_grad():
                    both = views(images[part].repeat(2, 1, 1, 1).float().div_(255))
                yield both.contiguous(memory_format=torch.channels_last).chunk(2)

    def step(a, b):
        with torch.autocast("cpu", torch.bfloat16, enabled=options["precision"] == "bfloat16"):
            z = run(torch.cat([a, b]).contiguous(memory_format=torch.channels_last))
        return networks.nt_xent(*z.chunk(2), options["temperature"])

    return network, head, batches(), step


def compiled(images, options):
    return optimised(images, options, compiled=True)


CONTENDERS = {"published": published, "lightly": lightly, "optimised": optimised, "compiled": compiled}
