"""What plain PyTorch makes of a SimCLR training step on the same device: one network with the CIFAR stem on views that lie there already,
channels-last, bfloat16 autocast, fused SGD, cudnn.benchmark; eager or through torch.compile. Prints one line of JSON.

    python peer.py '{"device": "cuda", "model": "resnet18", "how": "eager", "batch": 512, "seconds": 4}'
"""
import json
import sys
import time

import torch
from torch import nn

DEPTHS = {"resnet18": (2, 2, 2, 2), "resnet34": (3, 4, 6, 3), "resnet50": (3, 4, 6, 3)}


def unit(inputs, outputs, kernel, stride=1):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False), nn.BatchNorm2d(outputs))


class Block(nn.Module):
    """Basic or bottleneck, as torchvision has them."""

    def __init__(self, inputs, width, stride, bottleneck):
        super().__init__()
        outputs = 4 * width if bottleneck else width
        relu = nn.ReLU(inplace=True)
        if bottleneck:
            layers = [unit(inputs, width, 1), relu, unit(width, width, 3, stride), relu, unit(width, outputs, 1)]
        else:
            layers = [unit(inputs, width, 3, stride), relu, unit(width, width, 3)]
        self.layers = nn.Sequential(*layers)
        self.shortcut = nn.Identity() if inputs == outputs and stride == 1 else unit(inputs, outputs, 1, stride)

    def forward(self, x):
        return torch.relu(self.layers(x) + self.shortcut(x))


def resnet(name):
    bottleneck = name == "resnet50"
    parts, inputs = [unit(3, 64, 3), nn.ReLU(inplace=True)], 64
    for stage, depth in enumerate(DEPTHS[name]):
        width = 64 * 2**stage
        for i in range(depth):
            parts.append(Block(inputs, width, 2 if i == 0 and stage > 0 else 1, bottleneck))
            inputs = 4 * width if bottleneck else width
    return nn.Sequential(*parts, nn.AdaptiveAvgPool2d(1), nn.Flatten()), inputs


def encoder(name):
    if name in DEPTHS:
        return resnet(name)
    import timm

    network = timm.create_model(name, num_classes=0)
    network.stem.conv.stride = (1, 1)  # the CIFAR stem
    return network, network.num_features


def nt_xent(z, temperature=0.5):
    n = len(z) // 2
    z = nn.functional.normalize(z.float(), dim=1)
    similarity = (z @ z.t() / temperature).masked_fill(torch.eye(2 * n, dtype=torch.bool, device=z.device), float("-inf"))
    return nn.functional.cross_entropy(similarity, torch.arange(2 * n, device=z.device).roll(n))


def measure(model, how, options):
    device, batch = options["device"], options["batch"]
    torch.manual_seed(0)
    network, size = encoder(model)
    project = nn.Sequential(
        network, nn.Linear(size, size, bias=False), nn.BatchNorm1d(size), nn.ReLU(), nn.Linear(size, 128, bias=False)
    ).to(device, memory_format=torch.channels_last)
    optimizer = torch.optim.SGD(project.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4, nesterov=True, fused=True)
    views = torch.randn(2 * batch, 3, 32, 32, device=device).contiguous(memory_format=torch.channels_last)
    run = torch.compile(project) if how == "compiled" else project
    kind = torch.device(device).type

    def step():
        with torch.autocast(kind, torch.bfloat16):
            z = run(views)
        loss = nt_xent(z)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss

    began = time.perf_counter()
    for _ in range(6):
        step().item()
    if options["seconds"] == 0:
        return {"warmupSeconds": time.perf_counter() - began}
    warmup, steps, start = time.perf_counter() - began, 0, time.perf_counter()
    while time.perf_counter() - start < options["seconds"]:
        step().item()
        steps += 1
    speed = 2 * batch * steps / (time.perf_counter() - start)
    memory = torch.cuda.max_memory_allocated() if kind == "cuda" else None
    table = kernels(step) if options.get("profile") and kind == "cuda" else None
    return {
        **({"kernels": table} if table else {}),
        **{"model": model, "contender": how, "batch": batch, "viewsPerSecond": speed, "warmupSeconds": warmup},
        **{"msPerStep": 2000 * batch / speed, "peakMemory": memory, "torch": torch.__version__},
    }


def kernels(step, steps=3):
    """The kernels of a step by their time on the GPU: ours are the same ones, of the same libraries."""
    from torch.profiler import ProfilerActivity, profile

    with profile(activities=[ProfilerActivity.CUDA]) as seen:
        for _ in range(steps):
            step().item()
    rows = sorted(seen.key_averages(), key=lambda row: -row.self_device_time_total)
    return [
        {"name": row.key[:160], "calls": row.count / steps, "ms": row.self_device_time_total / 1000 / steps}
        for row in rows[:30]
    ]


options = json.loads(sys.argv[1])
if torch.device(options["device"]).type == "cuda":
    torch.backends.cudnn.benchmark = True
print(json.dumps(measure(options["model"], options["how"], options)), flush=True)
