"""Losses of 20 steps of SimCLR pre-training by PyTorch: torch's layers and optimizers, torchvision's residual block.

    python3 make-pretraining-fixtures.py ../test/fixtures/pretraining.json      (torch 2.11, torchvision 0.26)
    npx biome format --write ../test/fixtures/pretraining.json

Weights and views come from a generator of integers that both languages compute exactly, so that only settings and losses are stored.
NT-Xent, the schedule, the choice of what decays, and LARS, which torch.optim lacks, are written out here from their sources.
"""
import json
import math
import sys

import numpy
import torch
from torch import nn
from torchvision.models.resnet import BasicBlock

torch.set_num_threads(1)

IMAGES, SIZE, STEPS_PER_EPOCH, EPOCHS, WARMUP_EPOCHS = 32, 8, 5, 4, 1
STEPS = STEPS_PER_EPOCH * EPOCHS
TEMPERATURE, MOMENTUM, WIDTH, PROJECTION = 0.5, 0.9, 8, 32
OPTIMIZERS = {
    "sgd": {"lr": 0.03, "weightDecay": 0.01},
    "lars": {"lr": 0.5, "weightDecay": 0.01},
    "adamw": {"lr": 1e-3, "weightDecay": 0.1},
}
# An input of a ReLU that is as near to 0 as float32 errs has a gradient in one precision and none in the other: losses then part by a
# thousandth within 20 steps, whoever computes them. So the network is small, batch norm begins with shifts of about 2, and of the seeds
# 1 to 30 this one keeps all inputs farthest from 0.
VIEWS_SEED = 22


class Lehmer:
    """Park and Miller's minimal standard generator: s <- 16807 s mod 2^31 - 1."""

    def __init__(self, seed):
        self.state = seed

    def next(self, count):
        values = numpy.empty(count)
        for i in range(count):
            self.state = 16807 * self.state % 2147483647
            values[i] = self.state
        return values


def fill(parameters):
    """Weights of -sqrt(6 / inputs) to +sqrt(6 / inputs), scales of 0.8 to 1.2, shifts of 1.9 to 2.1: numbers of float32."""
    numbers = Lehmer(1)
    for name, tensor in parameters:
        unit = numbers.next(tensor.numel()) / 2147483647 * 2 - 1
        if tensor.dim() > 1:
            unit = unit * math.sqrt(6 / tensor[0].numel())
        else:
            unit = 1 + 0.2 * unit if name.endswith("weight") else 2 + 0.1 * unit
        with torch.no_grad():
            tensor.copy_(torch.from_numpy(unit).float().reshape(tensor.shape))


def all_views():
    """Of each step [2N, 3, S, S], two views of each image one after the other: coarse squares of the image, and noise of the view."""
    numbers = Lehmer(VIEWS_SEED)
    steps = []
    for _ in range(STEPS):
        coarse = (numbers.next(IMAGES * 3 * 16) % 256).reshape(IMAGES, 1, 3, 4, 1, 4, 1)
        noise = (numbers.next(IMAGES * 2 * 3 * SIZE * SIZE) % 256).reshape(IMAGES, 2, 3, 4, SIZE // 4, 4, SIZE // 4)
        steps.append(torch.from_numpy(((3 * coarse + noise) / 512 - 1).reshape(2 * IMAGES, 3, SIZE, SIZE)))
    return steps


class Encoder(nn.Module):
    """A ResNet of three stages of one block, whose stem halves the images."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(3, WIDTH, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(WIDTH)
        self.relu = nn.ReLU()
        self.layer1 = nn.Sequential(BasicBlock(WIDTH, WIDTH))
        self.layer2 = self.stage(2 * WIDTH)
        self.layer3 = self.stage(4 * WIDTH)

    def stage(self, width):
        shortcut = nn.Sequential(nn.Conv2d(width // 2, width, 1, stride=2, bias=False), nn.BatchNorm2d(width))
        return nn.Sequential(BasicBlock(width // 2, width, stride=2, downsample=shortcut))

    def forward(self, x):
        x = self.relu(self.bn1(self.conv1(x)))
        return self.layer3(self.layer2(self.layer1(x))).mean([2, 3])


def projection_head(size):
    return nn.Sequential(nn.Linear(size, size, bias=False), nn.BatchNorm1d(size), nn.ReLU(), nn.Linear(size, PROJECTION, bias=False))


def nt_xent(z):
    """Chen et al. 2020, equation 1, term by term. Rows 2i and 2i + 1 are the views of image i."""
    z = z / z.norm(dim=1, keepdim=True)
    e = torch.exp(z @ z.T / TEMPERATURE)
    terms = [-torch.log(e[i, i ^ 1] / (e[i].sum() - e[i, i])) for i in range(len(z))]
    return torch.stack(terms).mean()


class LARS:
    """You et al. 2017 as google-research/simclr's lars_optimizer.py has it: the rate is inside the momentum; norms move plainly."""

    def __init__(self, groups, lr):
        self.param_groups = [{**group, "lr": lr} for group in groups]
        self.velocity = {}

    def step(self):
        for group in self.param_groups:
            for w in group["params"]:
                update = w.grad + group["weight_decay"] * w.detach()
                trust = 0.001 * w.detach().norm() / update.norm() if group["adapts"] else 1
                self.velocity[w] = MOMENTUM * self.velocity.get(w, 0) + group["lr"] * trust * update
                w.data -= self.velocity[w]

    def zero_grad(self):
        for group in self.param_groups:
            for w in group["params"]:
                w.grad = None


def optimizer_of(name, parameters, lr, decay):
    groups = [
        {"params": [w for w in parameters if w.dim() > 1], "weight_decay": decay, "adapts": True},
        {"params": [w for w in parameters if w.dim() == 1], "weight_decay": 0, "adapts": False},
    ]
    if name == "sgd":
        return torch.optim.SGD(groups, lr, momentum=MOMENTUM, nesterov=True)
    return LARS(groups, lr) if name == "lars" else torch.optim.AdamW(groups, lr)


def rate(step, base):
    """Rises evenly in the warm-up, then falls as a cosine."""
    warm = WARMUP_EPOCHS * STEPS_PER_EPOCH
    if step < warm:
        return base * (step + 1) / warm
    return base * (1 + math.cos(math.pi * (step - warm) / (STEPS - warm))) / 2


def train(name, views, dtype, lr, decay):
    """-> the loss of each step, and how near to 0 an input of a ReLU came"""
    encoder, head = Encoder(), projection_head(4 * WIDTH)
    fill([*encoder.named_parameters(), *head.named_parameters()])
    network = nn.Sequential(encoder, head).to(dtype)
    losses, nearest = [], []
    for module in network.modules():
        if isinstance(module, nn.ReLU):
            module.register_forward_pre_hook(lambda _, inputs: nearest.append(inputs[0].detach().abs().min().item()))
    optimizer = optimizer_of(name, list(network.parameters()), lr, decay)
    for step in range(STEPS):
        for group in optimizer.param_groups:
            group["lr"] = rate(step, lr)
        loss = nt_xent(network(views[step].to(dtype)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return losses, min(nearest)


def main():
    views = all_views()
    runs = {}
    for name, settings in OPTIMIZERS.items():
        single, _ = train(name, views, torch.float32, *settings.values())
        double, nearest = train(name, views, torch.float64, *settings.values())
        apart = max(abs(a - b) / b for a, b in zip(single, double))
        print(f"{name}: from {double[0]:.3f} to {double[-1]:.3f}; float32 and float64 differ by {apart:.1e}; nearest to 0: {nearest:.1e}")
        assert apart < 1e-6
        runs[name] = {**settings, "float32": single, "float64": double}
    settings = {
        "images": IMAGES, "size": SIZE, "epochs": EPOCHS, "stepsPerEpoch": STEPS_PER_EPOCH, "warmupEpochs": WARMUP_EPOCHS,
        "temperature": TEMPERATURE, "momentum": MOMENTUM, "width": WIDTH, "projectionSize": PROJECTION, "viewsSeed": VIEWS_SEED,
    }
    with open(sys.argv[1], "w") as file:
        json.dump({**settings, "runs": runs}, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
