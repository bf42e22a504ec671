"""One SimCLR training step in Python: torchvision's ResNet-18 with the CIFAR stem, as train-step.mjs does it."""
import time

import torch
import torch.nn.functional as F
import torchvision

from peer import options, serve

torch.set_num_threads(options["threads"])
torch.set_flush_denormal(True)
torch.manual_seed(0)
encoder = torchvision.models.resnet18()
encoder.conv1 = torch.nn.Conv2d(3, 64, 3, padding=1, bias=False)
encoder.maxpool = torch.nn.Identity()
encoder.fc = torch.nn.Identity()
head = torch.nn.Sequential(
    torch.nn.Linear(512, 512, bias=False), torch.nn.BatchNorm1d(512), torch.nn.ReLU(), torch.nn.Linear(512, 128, bias=False)
)
encoder.to(memory_format=torch.channels_last)
parameters = [*encoder.parameters(), *head.parameters()]
optimizer = torch.optim.SGD(
    [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": 5e-4},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0},
    ],
    lr=0.01, momentum=0.9, nesterov=True, fused=True,
)
views = torch.randn(options["views"], 3, 32, 32).to(memory_format=torch.channels_last)


def nt_xent(a, b, temperature=0.5):
    n = len(a)
    z = F.normalize(torch.cat([a, b]).float(), dim=1)
    similarity = (z @ z.t() / temperature).masked_fill(torch.eye(2 * n, dtype=torch.bool), float("-inf"))
    return F.cross_entropy(similarity, torch.arange(2 * n).roll(n))


def step(bfloat16):
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
        z = head(encoder(views))
    a, b = z.reshape(len(views) // 2, 2, -1).unbind(1)
    loss = nt_xent(a, b)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def measure(question):
    start = time.perf_counter()
    for _ in range(question["steps"]):
        step(question["precision"] == "bfloat16")
    return time.perf_counter() - start


serve(measure)
