"""Outputs of torchvision's ResNets for weights and images that a formula gives, so that no weights need to be stored.

    python3 make-model-fixtures.py ../test/fixtures/models.json      (torch 2.11, torchvision 0.26)
"""
import json
import sys

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


def cifar_stem(model):
    model.conv1 = torch.nn.Conv2d(3, 64, 3, stride=1, padding=1, bias=False)
    model.maxpool = torch.nn.Identity()
    return model


def images(count, size):
    return (wave(count * 3 * size * size, 0.31, 0.0).reshape(count, 3, size, size))


def features(model, x):
    x = model.maxpool(model.relu(model.bn1(model.conv1(x))))
    return model.layer4(model.layer3(model.layer2(model.layer1(x)))).mean([2, 3])


result = []
for name in ["resnet18", "resnet34", "resnet50", "resnet101"]:
    for stem in ["cifar", "imagenet"]:
        model = getattr(torchvision.models, name)(num_classes=10)
        if stem == "cifar":
            model = cifar_stem(model)
        model.double()  # float32 would hide small mistakes behind rounding
        with torch.no_grad():
            fill(model)
        size = 16 if stem == "cifar" else 64
        x = images(3, size)
        model.eval()
        with torch.no_grad():
            logits, h = model(x), features(model, x)
        model.train()
        out = model(x)
        loss = torch.nn.functional.cross_entropy(out, torch.tensor([1, 5, 9]))
        loss.backward()
        grads = {key: p.grad.double().norm().item() for key, p in model.named_parameters()}
        result.append(
            {
                "model": name,
                "stem": stem,
                "size": size,
                "keys": list(model.state_dict().keys()),
                "parameters": sum(p.numel() for p in model.parameters()),
                "logits": logits.flatten().tolist(),
                "features": h[:, ::37].flatten().tolist(),
                "trainLogits": out.detach().flatten().tolist(),
                "loss": loss.item(),
                "gradientNorms": grads,
                "runningMean": model.bn1.running_mean[::8].tolist(),
                "initialisation": {},
            }
        )
for entry in result:
    torch.manual_seed(0)
    model = getattr(torchvision.models, entry["model"])(num_classes=10)
    entry["initialisation"] = {
        key: [t.double().mean().item(), t.double().std().item()]
        for key, t in model.state_dict().items()
        if key in ("conv1.weight", "layer1.0.conv1.weight", "layer4.0.conv2.weight", "fc.weight", "layer2.0.bn1.weight")
    }
with open(sys.argv[1], "w") as file:
    json.dump(result, file)
