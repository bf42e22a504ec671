"""Outputs of torchvision's ResNets, timm's ReXNets and of airbench written in PyTorch, for weights and images that a formula gives, so that no weights need to be stored.

    python3 make-model-fixtures.py ../test/fixtures/models.json      (torch 2.11, torchvision 0.26, timm 1.0.20)
"""
import json
import sys

import timm
import torch
import torchvision

torch.set_num_threads(1)


def wave(count, step, phase):
    """Bounded numbers without structure that both languages compute alike, in float64."""
    i = torch.arange(count, dtype=torch.float64)
    return torch.sin(i * i * 1e-3 * step + i * step + phase)


def fill(model):
    for k, (name, tensor) in enumerate(model.state_dict().items()):
        if tensor.dtype == torch.int64:
            continue
        values = wave(tensor.numel(), 0.7 + 0.01 * (k % 7), 0.1 * k)
        if name.endswith("running_var"):
            values = 1 + 0.3 * values
        elif tensor.dim() > 1:
            values = values * (2.0 / tensor[0].numel()) ** 0.5
        elif name.endswith("weight"):
            values = 1 + 0.2 * values
        else:
            values = 0.1 * values
        tensor.copy_(values.reshape(tensor.shape))


def rounded(tensor):
    """13 digits, where a test asks for 9."""
    return [float(f"{x:.13g}") for x in tensor.flatten().tolist()]


def images(count, size):
    return wave(count * 3 * size * size, 0.31, 0.0).reshape(count, 3, size, size)


def resnet(name, stem):
    model = getattr(torchvision.models, name)(num_classes=10)
    if stem == "cifar":
        model.conv1 = torch.nn.Conv2d(3, 64, 3, stride=1, padding=1, bias=False)
        model.maxpool = torch.nn.Identity()
    return model


def rexnet(name, stem):
    model = timm.create_model(name, num_classes=10)
    if stem == "cifar":
        model.stem.conv.stride = (1, 1)
    return model


class Whitening(torch.nn.Module):
    def __init__(self, side, stride):
        super().__init__()
        self.stride = stride
        self.register_buffer("weight", torch.empty(24, 3, side, side).uniform_(-1, 1))
        self.bias = torch.nn.Parameter(torch.zeros(24))

    def forward(self, x):
        return torch.nn.functional.conv2d(x, self.weight, self.bias, stride=self.stride)


class Group(torch.nn.Module):
    def __init__(self, inputs, width):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(inputs, width, 3, padding=1, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(width)
        self.conv2 = torch.nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = torch.nn.BatchNorm2d(width)

    def forward(self, x):
        silu = torch.nn.functional.silu
        x = silu(self.bn1(torch.nn.functional.max_pool2d(self.conv1(x), 2)))
        return silu(self.bn2(self.conv2(x)))


class Airbench(torch.nn.Module):
    """The network of KellerJordan/cifar10-airbench with the differences that src/models/airbench.ts names."""

    def __init__(self, side, stride):
        super().__init__()
        self.whiten = Whitening(side, stride)
        self.layer1, self.layer2, self.layer3 = Group(24, 64), Group(64, 256), Group(256, 256)
        self.expand = torch.nn.Conv2d(256, 512, 1, bias=False)
        self.bn = torch.nn.BatchNorm2d(512)
        self.fc = torch.nn.Linear(512, 10)

    def features(self, x):
        silu = torch.nn.functional.silu
        x = self.layer3(self.layer2(self.layer1(silu(self.whiten(x)))))
        return silu(self.bn(self.expand(x))).mean([2, 3])

    def forward(self, x):
        return self.fc(self.features(x))


def airbench(name, stem):
    return Airbench(*((2, 1) if stem == "cifar" else (4, 4)))


def features(model, x):
    if isinstance(model, Airbench):
        return model.features(x)
    if isinstance(model, torchvision.models.ResNet):
        x = model.maxpool(model.relu(model.bn1(model.conv1(x))))
        return model.layer4(model.layer3(model.layer2(model.layer1(x)))).mean([2, 3])
    return model.forward_head(model.forward_features(x), pre_logits=True)


def without_dropout(model):
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
    return model


RESNETS = ["resnet18", "resnet34", "resnet50", "resnet101"]
REXNETS = ["rexnet_100", "rexnet_130", "rexnet_150", "rexnet_200", "rexnet_300"]
INITIALISED = {
    airbench: ["layer1.conv1.weight", "layer3.conv2.weight", "expand.weight", "layer2.bn1.weight", "fc.weight", "fc.bias"],
    resnet: ["conv1.weight", "layer1.0.conv1.weight", "layer4.0.conv2.weight", "fc.weight", "layer2.0.bn1.weight"],
    rexnet: [
        "stem.conv.weight",
        "features.0.conv_dw.conv.weight",
        "features.3.conv_exp.conv.weight",
        "features.3.se.fc1.weight",
        "features.3.se.fc1.bias",
        "features.9.conv_pwl.conv.weight",
        "features.16.conv.weight",
        "features.16.bn.weight",
        "head.fc.weight",
        "head.fc.bias",
    ],
}

result = []
for make, name in [(resnet, name) for name in RESNETS] + [(rexnet, name) for name in REXNETS] + [(airbench, "airbench")]:
    torch.manual_seed(0)
    fresh = make(name, "imagenet")
    initialisation = {
        key: [t.double().mean().item(), t.double().std().item()]
        for key, t in fresh.state_dict().items()
        if key in INITIALISED[make]
    }
    for stem in ["cifar", "imagenet"]:
        model = without_dropout(make(name, stem))
        model.double()  # float32 would hide small mistakes behind rounding
        with torch.no_grad():
            fill(model)
        size = 64 if stem == "imagenet" else 16 if make is resnet else 32
        x = images(3, size)
        model.eval()
        with torch.no_grad():
            logits, h = model(x), features(model, x)
        model.train()
        out = model(x)
        loss = torch.nn.functional.cross_entropy(out, torch.tensor([1, 5, 9]))
        loss.backward()
        # Of each gradient its length, and its product with a wave: what is as long but points elsewhere has another.
        grads = {
            key: rounded(torch.stack([p.grad.norm(), (p.grad.flatten() * wave(p.numel(), 0.9, 0.5)).sum()]))
            for key, p in model.named_parameters()
        }
        running = {key: rounded(t[:2]) for key, t in model.state_dict().items() if "running_" in key}
        result.append(
            {
                "model": name,
                "stem": stem,
                "size": size,
                "keys": list(model.state_dict().keys()),
                "parameters": sum(p.numel() for p in model.parameters()),
                "logits": rounded(logits),
                "features": rounded(h[:, ::37]),
                "trainLogits": rounded(out.detach()),
                "loss": loss.item(),
                "gradients": grads,
                "running": running,
                "initialisation": initialisation,
            }
        )
with open(sys.argv[1], "w") as file:
    json.dump(result, file)
