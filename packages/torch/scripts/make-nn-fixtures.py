"""Makes test/fixtures/nn: what PyTorch's layers, losses, optimisers and printer do, for nn, optim and print tests.

Run with Python 3.11, torch 2.11.0, numpy 2.4.6, from packages/torch:
    python scripts/make-nn-fixtures.py
Everything is seeded; one thread, so that a second run writes the same bytes on the same kind of processor.
"""
import json

import torch
from make_fixtures import OUT, packed
from torch import nn

torch.set_num_threads(1)


def write(name, value):
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / name).write_text(json.dumps(value, indent=1) + "\n")


def layer_case(name, layer, shape, train=True):
    """Random weights and buffers (so that no ones and zeros hide a mistake), one forward pass, gradients."""
    generator = torch.Generator().manual_seed(len(name))
    for key, tensor in layer.state_dict().items():
        if tensor.is_floating_point():
            tensor.copy_(torch.rand(tensor.shape, generator=generator) + (0.5 if "var" in key else -0.3))
    before = {key: packed(tensor) for key, tensor in layer.state_dict().items()}
    layer.train(train)
    x = (torch.randn(shape, generator=generator) * 3).requires_grad_()
    out = layer(x)
    upstream = torch.randn(out.shape, generator=generator)
    out.backward(upstream)
    return {
        "layer": name,
        "train": train,
        "state": before,
        "input": packed(x),
        "upstream": packed(upstream),
        "output": packed(out),
        "inputGrad": packed(x.grad),
        "grads": {key: packed(p.grad) for key, p in layer.named_parameters()},
        "after": {key: packed(b) for key, b in layer.named_buffers()},
    }


def layers():
    torch.manual_seed(0)
    cases = [
        layer_case("Conv2d(3, 4, 3)", nn.Conv2d(3, 4, 3), [2, 3, 6, 5]),
        layer_case("Conv2d(4, 6, 3, stride 2, padding 1, groups 2)", nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2), [2, 4, 6, 6]),
        layer_case("Conv2d(2, 3, 3, dilation 2, no bias)", nn.Conv2d(2, 3, 3, dilation=2, bias=False), [1, 2, 7, 7]),
        layer_case("Linear(5, 3)", nn.Linear(5, 3), [4, 5]),
        layer_case("Linear(5, 3, no bias)", nn.Linear(5, 3, bias=False), [2, 4, 5]),
        layer_case("ReLU", nn.ReLU(), [3, 7]),
        layer_case("ReLU6", nn.ReLU6(), [3, 7]),
        layer_case("SiLU", nn.SiLU(), [3, 7]),
        layer_case("Sigmoid", nn.Sigmoid(), [3, 7]),
        layer_case("MaxPool2d(3, stride 2, padding 1)", nn.MaxPool2d(3, stride=2, padding=1), [2, 2, 6, 6]),
        layer_case("MaxPool2d(2)", nn.MaxPool2d(2), [1, 2, 5, 5]),
        layer_case("AdaptiveAvgPool2d(1)", nn.AdaptiveAvgPool2d(1), [2, 3, 4, 5]),
        layer_case("AdaptiveAvgPool2d(3)", nn.AdaptiveAvgPool2d(3), [2, 3, 4, 5]),
        layer_case("Flatten", nn.Flatten(), [2, 3, 2, 2]),
        layer_case("Dropout(0.5)", nn.Dropout(0.5), [3, 7], train=False),
        layer_case("Sequential", nn.Sequential(nn.Linear(4, 5), nn.BatchNorm1d(5), nn.ReLU(), nn.Linear(5, 2)), [6, 4]),
    ]
    for train in (True, False):
        cases += [
            layer_case("BatchNorm2d(3)", nn.BatchNorm2d(3), [4, 3, 2, 5], train),
            layer_case("BatchNorm1d(4)", nn.BatchNorm1d(4), [6, 4], train),
            layer_case("BatchNorm1d(4, no affine)", nn.BatchNorm1d(4, affine=False), [6, 4], train),
            layer_case("BatchNorm2d(3, momentum 0.01, eps 0.001)", nn.BatchNorm2d(3, momentum=0.01, eps=1e-3), [2, 3, 3, 3], train),
        ]
    write("layers.json", cases)


def running_statistics():
    """Five batches through one batch norm in training: the statistics after each."""
    generator = torch.Generator().manual_seed(5)
    layer = nn.BatchNorm1d(3)
    steps = []
    for i in range(5):
        x = torch.randn([8, 3], generator=generator) * (i + 1) + i
        layer(x)
        steps.append({"input": packed(x), "after": {k: packed(v.clone()) for k, v in layer.named_buffers()}})
    write("running-statistics.json", steps)


def initialisation():
    """The same seed draws the same weights, in the same order, in both languages."""
    made = {}
    for name, make in {
        "Conv2d(8, 16, 3)": lambda: nn.Conv2d(8, 16, 3),
        "Conv2d(8, 16, 3, groups 4)": lambda: nn.Conv2d(8, 16, 3, groups=4),
        "Linear(40, 20)": lambda: nn.Linear(40, 20),
    }.items():
        torch.manual_seed(3)
        layer = make()
        made[name] = {
            key: {"shape": list(p.shape), "first": p.flatten()[:6].tolist(), "mean": p.mean().item(), "std": p.std().item()}
            for key, p in layer.named_parameters()
        }
    weight = torch.empty(64, 32, 3, 3)
    torch.manual_seed(3)
    for mode in ("fan_in", "fan_out"):
        nn.init.kaiming_normal_(weight, mode=mode, nonlinearity="relu")
        made[f"kaimingNormal {mode}"] = {"weight": {"shape": list(weight.shape), "first": weight.flatten()[:6].tolist(), "mean": weight.mean().item(), "std": weight.std().item()}}
    write("initialisation.json", made)


def cross_entropy():
    generator = torch.Generator().manual_seed(11)
    logits = torch.randn([6, 4], generator=generator) * 3
    classes = torch.tensor([0, 3, 1, 2, 2, 0])
    weight = torch.tensor([0.5, 2.0, 1.0, 0.25])
    probabilities = torch.softmax(torch.randn([6, 4], generator=generator), 1)
    cases = []
    for kind, target in (("classes", classes), ("probabilities", probabilities)):
        for smoothing in (0.0, 0.1, 1.0):
            for weighted in (False, True):
                for reduction in ("mean", "sum", "none"):
                    x = logits.clone().requires_grad_()
                    loss = nn.functional.cross_entropy(x, target, weight=weight if weighted else None, label_smoothing=smoothing, reduction=reduction)
                    loss.sum().backward()
                    cases.append({"target": kind, "smoothing": smoothing, "weighted": weighted, "reduction": reduction, "loss": packed(loss), "grad": packed(x.grad)})
    write("cross-entropy.json", {"logits": packed(logits), "classes": packed(classes), "probabilities": packed(probabilities), "weight": packed(weight), "cases": cases})


class MuonWithAdamW:
    """The first group by Muon, the second by AdamW, as torch.optim.Muon's page says for vectors."""

    def __init__(self, groups, lr):
        self.both = [torch.optim.Muon(groups[:1], lr=lr, adjust_lr_fn="match_rms_adamw"), torch.optim.AdamW(groups[1:], lr=lr, betas=(0.9, 0.95))]
        self.param_groups = [group for one in self.both for group in one.param_groups]

    def zero_grad(self):
        for one in self.both:
            one.zero_grad()

    def step(self):
        for one in self.both:
            one.step()


OPTIMISERS = {
    "SGD": lambda g: torch.optim.SGD(g, lr=0.05),
    "SGD, momentum 0.9": lambda g: torch.optim.SGD(g, lr=0.05, momentum=0.9),
    "SGD, momentum 0.9, Nesterov": lambda g: torch.optim.SGD(g, lr=0.05, momentum=0.9, nesterov=True),
    "Adam": lambda g: torch.optim.Adam(g, lr=0.05),
    "Adam, betas 0.8 0.95, eps 1e-3": lambda g: torch.optim.Adam(g, lr=0.05, betas=(0.8, 0.95), eps=1e-3),
    "AdamW": lambda g: torch.optim.AdamW(g, lr=0.05),
    "Muon": lambda g: MuonWithAdamW(g, lr=0.05),
}


def optimisers():
    """20 steps on a smooth function of a weight (decays, 0.1) and a bias (does not, and moves at half the rate)."""
    generator = torch.Generator().manual_seed(2)
    start = {"weight": torch.randn([4, 3], generator=generator), "bias": torch.randn([4], generator=generator)}
    x = torch.randn([5, 3], generator=generator)
    y = torch.randn([5, 4], generator=generator)
    runs = {}
    for name, make in OPTIMISERS.items():
        w, b = (start[key].clone().requires_grad_() for key in ("weight", "bias"))
        optimiser = make([{"params": [w], "weight_decay": 0.1}, {"params": [b], "weight_decay": 0.0, "lr": 0.025}])
        path = []
        for step in range(20):
            # The rate follows a schedule, since a trainer sets it before each step.
            rate = 0.05 * (1 - step / 40)
            optimiser.param_groups[0]["lr"], optimiser.param_groups[1]["lr"] = rate, rate / 2
            optimiser.zero_grad()
            loss = ((x @ w.t() + b).tanh() - y).square().mean()
            loss.backward()
            optimiser.step()
            if step in (0, 1, 9, 19):
                path.append({"step": step, "weight": packed(w), "bias": packed(b)})
        runs[name] = path
    write("optimizers.json", {"start": {k: packed(v) for k, v in start.items()}, "x": packed(x), "y": packed(y), "runs": runs})


def printing():
    """Texts of `repr`; test/print.test.ts builds the same tensors under the same names."""
    generator = torch.Generator().manual_seed(1)
    values = {
        "scalar": torch.tensor(3.5),
        "integers": torch.tensor([[1, -20, 300]]),
        "float64": torch.tensor([1 / 3, -2.5], dtype=torch.float64),
        "bools": torch.tensor([True, False]),
        "whole floats": torch.tensor([1.0, 20.0, -3.0]),
        "mixed": torch.tensor([[0.1, 22.25], [-3.0, 4.0]]),
        "scientific": torch.tensor([1e-6, 1.0, 2345.0]),
        "large": torch.tensor([1e9, 1.5]),
        "large whole": torch.tensor([1e9, 2e9]),
        "special": torch.tensor([float("nan"), float("inf"), -float("inf"), 1.5]),
        "only special": torch.tensor([float("nan"), float("inf")]),
        "whole and special": torch.tensor([float("nan"), 2.0]),
        "zeros": torch.zeros(2, 3),
        "empty": torch.empty(0),
        "empty, two dimensions": torch.empty(0, 3),
        "empty integers": torch.empty(0, dtype=torch.int32),
        "three dimensions": torch.arange(12.0).reshape(2, 3, 2),
        "long": torch.arange(1001),
        "long, two dimensions": torch.arange(2000.0).reshape(40, 50),
        "long rows": torch.arange(40),
        "wide floats": torch.randn(3, 12, generator=generator),
        "requires grad": torch.tensor([1.0], requires_grad=True),
        "bfloat16": torch.tensor([1.5, 2.0], dtype=torch.bfloat16),
        "half": torch.tensor([0.1], dtype=torch.float16),
        "uint8": torch.tensor([0, 255], dtype=torch.uint8),
        "minus zero": torch.tensor([-0.0, 0.5]),
        "small": torch.tensor([1e-5, 2e-5]),
        "hundred million": torch.tensor([100000000.0]),
        "two hundred million": torch.tensor([200000000.0]),
        "wide range of whole numbers": torch.tensor([1.0, 2000.0]),
        "complex": torch.tensor([1 + 2j, -0.5j]),
        "one tall column": torch.arange(3).reshape(3, 1),
    }
    write("printing.json", {name: repr(value) for name, value in values.items()})


for make in (layers, running_statistics, initialisation, cross_entropy, optimisers, printing):
    make()
