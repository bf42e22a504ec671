"""PyTorch's own SimCLR loop on the images of the check: torchvision's views of PIL images, drawn by worker processes, and torchvision's
ResNet-18 with the CIFAR stem. Several arms see the same batches, one after the other, so that they differ in nothing but what their names
say. kNN as in dkobak/simclr-cifar10 (k = 10, cosine, no weights), with the running statistics of batch norm and with those of each batch
of test images, which is what that code does (it never calls eval()).

    python loop.py train IMAGES.safetensors FILE.json SECONDS DEVICE [LIMIT BATCH]
    python loop.py test IMAGES.safetensors FILE.json CHECKPOINT.safetensors DEVICE [LIMIT]
"""
import json
import math
import os
import sys
import time

import numpy
import torch
import torchvision
from PIL import Image
from safetensors import safe_open
from torch import nn
from torch.nn.functional import cross_entropy, normalize, one_hot
from torchvision import transforms

# The published recipe, and what ours does otherwise: in bfloat16, without the decay of norms and biases, and all of it.
ARMS = {
    "published": {"bfloat16": False, "decayNorms": True, "ours": False},
    "published, bfloat16": {"bfloat16": True, "decayNorms": True, "ours": False},
    "norms and biases without decay": {"bfloat16": True, "decayNorms": False, "ours": False},
    "the recipe of twoview": {"bfloat16": True, "decayNorms": False, "ours": True},
}
TEMPERATURE, DECAY, MOMENTUM, BASE_RATE = 0.5, 5e-4, 0.9, 0.06
MOST_EPOCHS = 40


class Views(torch.utils.data.Dataset):
    def __init__(self, images):
        self.images = images
        self.transform = transforms.Compose([
            transforms.RandomResizedCrop(32, scale=(0.2, 1)),
            transforms.RandomHorizontalFlip(),
            transforms.RandomApply([transforms.ColorJitter(0.4, 0.4, 0.4, 0.1)], p=0.8),
            transforms.RandomGrayscale(p=0.1),
            transforms.PILToTensor(),
        ])

    def __len__(self):
        return len(self.images)

    def __getitem__(self, index):
        image = Image.fromarray(self.images[index])
        return self.transform(image), self.transform(image)


class Network(nn.Module):
    def __init__(self, ours):
        super().__init__()
        self.backbone = torchvision.models.resnet18(weights=None)
        self.backbone.conv1 = nn.Conv2d(3, 64, 3, padding=1, bias=False)
        self.backbone.maxpool = nn.Identity()
        self.backbone.fc = nn.Identity()
        self.head = (
            nn.Sequential(nn.Linear(512, 512, bias=False), nn.BatchNorm1d(512), nn.ReLU(), nn.Linear(512, 128, bias=False))
            if ours
            else nn.Sequential(nn.Linear(512, 1024), nn.ReLU(), nn.Linear(1024, 128))
        )

    def forward(self, x):
        return self.head(self.backbone(x))


class Arm:
    def __init__(self, name, device, mean, std, batch, steps_per_epoch):
        settings = ARMS[name]
        torch.manual_seed(0)
        self.name, self.device, self.ours, self.bfloat16 = name, device, settings["ours"], settings["bfloat16"]
        self.network = Network(self.ours).to(device, memory_format=torch.channels_last)
        self.normalise = (lambda x: (x - mean) / std) if self.ours else (lambda x: x)
        parameters = list(self.network.parameters())
        decayed = [p for p in parameters if settings["decayNorms"] or p.ndim > 1]
        free = [p for p in parameters if not settings["decayNorms"] and p.ndim <= 1]
        groups = [{"params": decayed, "weight_decay": DECAY}, {"params": free, "weight_decay": 0}]
        self.rate, self.steps_per_epoch, self.loss, self.course = BASE_RATE * batch / 256, steps_per_epoch, 0, []
        self.optimizer = torch.optim.SGD([g for g in groups if g["params"]], self.rate, MOMENTUM, nesterov=self.ours)

    def rate_at(self, step, epochs):
        if not self.ours:
            return self.rate * (1 + math.cos(math.pi * (step // self.steps_per_epoch) / epochs)) / 2
        warm, total = min(10, epochs / 10) * self.steps_per_epoch, epochs * self.steps_per_epoch
        if step < warm:
            return self.rate * (step + 1) / warm
        return self.rate * (1 + math.cos(math.pi * (step - warm) / (total - warm))) / 2

    def step(self, views, step, epochs):
        for group in self.optimizer.param_groups:
            group["lr"] = self.rate_at(step, epochs)
        n = len(views[0])
        with torch.autocast(torch.device(self.device).type, torch.bfloat16, enabled=self.bfloat16):
            if self.ours:
                z = self.network(self.normalise(torch.cat(views)))
            else:
                z = torch.cat([self.network(view) for view in views])
        z = normalize(z.float())
        similarity = (z @ z.T / TEMPERATURE).fill_diagonal_(float("-inf"))
        loss = cross_entropy(similarity, torch.arange(2 * n, device=z.device).roll(n))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.loss = self.loss + loss.detach()


@torch.no_grad()
def features(backbone, images, normalise, device, training):
    backbone.train(training)
    state = {name: value.clone() for name, value in backbone.state_dict().items()}
    out = [
        backbone(normalise(part.to(device).float().div(255)).contiguous(memory_format=torch.channels_last)).float()
        for part in images.split(1024)
    ]
    backbone.load_state_dict(state)
    backbone.train()
    return normalize(torch.cat(out))


def neighbours(bank, queries, bank_labels, labels, k=10):
    votes = one_hot(bank_labels[(queries @ bank.T).topk(k).indices], 10).sum(1)
    return (votes.argmax(1) == labels).float().mean().item()


def evaluate(backbone, data, normalise, device):
    answer = {}
    for name, training in (("knn", False), ("knnWithStatisticsOfTheBatch", True)):
        bank, queries = (features(backbone, data[f"{part}.images"], normalise, device, training) for part in ("train", "test"))
        answer[name] = neighbours(bank, queries, data["train.labels"].to(device), data["test.labels"].to(device))
    return answer


def read(file, limit):
    """In another order than by class, because batch statistics of one class would be no fair test."""
    data = {}
    with safe_open(file, "pt") as tensors:
        for part in ("train", "test"):
            images, labels = tensors.get_tensor(f"{part}.images"), tensors.get_tensor(f"{part}.labels").long()
            order = torch.randperm(len(images), generator=torch.Generator().manual_seed(0))[: limit or None]
            data[f"{part}.images"], data[f"{part}.labels"] = images[order].contiguous(), labels[order]
    floats = data["train.images"][:10_000].float().div(255)
    statistics = [s.view(1, 3, 1, 1) for s in (floats.mean((0, 2, 3)), floats.std((0, 2, 3)))]
    return data, statistics


def write(file, value):
    with open(f"{file}.partial", "w") as out:
        json.dump(value, out, indent=1)
    os.replace(f"{file}.partial", file)


def batches(loader, device):
    for views in loader:
        yield [v.to(device, non_blocking=True).float().div(255).contiguous(memory_format=torch.channels_last) for v in views]


def train(file, out, seconds, device, limit=0, batch=512):
    began = time.perf_counter()
    data, statistics = read(file, limit)
    mean, std = (s.to(device) for s in statistics)
    cuda = torch.device(device).type == "cuda"
    workers = min(16, os.cpu_count()) if cuda else 2
    loader = torch.utils.data.DataLoader(
        Views(numpy.ascontiguousarray(data["train.images"].permute(0, 2, 3, 1).numpy())),
        **{"batch_size": batch, "shuffle": True, "drop_last": True, "num_workers": workers, "persistent_workers": True},
        **{"pin_memory": cuda, "prefetch_factor": 4, "generator": torch.Generator().manual_seed(0)},
    )
    steps_per_epoch = len(loader)

    def new():
        return [Arm(name, device, mean, std, batch, steps_per_epoch) for name in ARMS]

    def wait():
        if cuda:
            torch.cuda.synchronize()

    # An epoch that is thrown away: algorithms are chosen, and the second half is timed.
    arms, half = new(), max(1, steps_per_epoch // 2)
    for step, views in enumerate(batches(loader, device)):
        if step == half:
            wait()
            timed = time.perf_counter()
        for arm in arms:
            arm.step(views, step, 1)
    wait()
    an_epoch = (time.perf_counter() - timed) * steps_per_epoch / max(1, steps_per_epoch - half)
    left = seconds - (time.perf_counter() - began)
    epochs = max(1, min(MOST_EPOCHS, int(0.85 * left / an_epoch))) if cuda else 2
    result = {"epochs": epochs, "secondsOfAnEpoch": an_epoch, "arms": {}, "torchvision": torchvision.__version__}
    print(f"{epochs} epochs, {an_epoch:.2f} s each for {len(ARMS)} arms", flush=True)
    arms = new()
    for epoch in range(epochs):
        for i, views in enumerate(batches(loader, device)):
            for arm in arms:
                arm.step(views, epoch * steps_per_epoch + i, epochs)
        for arm in arms:
            arm.course.append(arm.loss.item() / steps_per_epoch)
            arm.loss = 0
            known = result["arms"].setdefault(arm.name, {**ARMS[arm.name]})
            known["course"] = arm.course
            if epoch + 1 == epochs or (epoch + 1) % 10 == 0:
                tested = evaluate(arm.network.backbone, data, arm.normalise, device)
                known.setdefault("tests", []).append({"epoch": epoch + 1, **tested})
                print(f"epoch {epoch + 1}: {arm.name}: loss {arm.course[-1]:.3f}, {tested}", flush=True)
        result["seconds"] = time.perf_counter() - began
        write(out, result)


def test(file, out, checkpoint, device, limit=0):
    data, _ = read(file, limit)
    with safe_open(checkpoint, "pt") as tensors:
        stored = json.loads(tensors.metadata()["normalisation"])
        names = [n for n in tensors.keys() if not n.startswith(("optimizer.", "projection_head."))]
        weights = {name: tensors.get_tensor(name) for name in names}
    mean, std = (torch.tensor(stored[key], device=device).view(1, 3, 1, 1) for key in ("mean", "std"))
    network = Network(True).backbone.to(device, memory_format=torch.channels_last)
    network.load_state_dict(weights)
    write(out, evaluate(network, data, lambda x: (x - mean) / std, device))


if __name__ == "__main__":
    command, images, out, third, device, *sizes = sys.argv[1:]
    if torch.device(device).type == "cuda":
        torch.backends.cudnn.benchmark = True
    arguments = [images, out, float(third) if command == "train" else third, device, *map(int, sizes)]
    {"train": train, "test": test}[command](*arguments)
