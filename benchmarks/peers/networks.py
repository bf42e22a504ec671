"""Encoders of torchvision and timm with the CIFAR stem, projection heads, and weights that all contenders begin with."""
import timm
import torch
import torchvision
from safetensors.torch import load_file
from torch import nn


def encoder(name):
    """-> the network without its classifier, and the length of its representation"""
    if name.startswith("rexnet"):
        network = timm.create_model(name, num_classes=0)
        network.stem.conv.stride = (1, 1)
        return network, network.num_features
    network = getattr(torchvision.models, name)()
    size = network.fc.in_features
    network.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
    network.maxpool = nn.Identity()
    network.fc = nn.Identity()
    return network, size


def head(size):
    """The projection head of SimCLR, as twoview has it."""
    return nn.Sequential(nn.Linear(size, size, bias=False), nn.BatchNorm1d(size), nn.ReLU(), nn.Linear(size, 128, bias=False))


def begin_with(file, network, projection):
    """Takes over a checkpoint of twoview, so that equal steps can be compared."""
    tensors = load_file(file)
    network.load_state_dict({key: x for key, x in tensors.items() if key in network.state_dict()})
    own = {key.removeprefix("projection_head."): x for key, x in tensors.items() if key.startswith("projection_head.")}
    own = {key: x for key, x in own.items() if key in projection.state_dict()}
    missing = set(projection.state_dict()) - set(own)
    projection.load_state_dict(own, strict=not missing)


def nt_xent(a, b, temperature):
    n = len(a)
    z = nn.functional.normalize(torch.cat([a, b]).float(), dim=1)
    similarity = (z @ z.t() / temperature).masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
    return nn.functional.cross_entropy(similarity, torch.arange(2 * n).roll(n))
