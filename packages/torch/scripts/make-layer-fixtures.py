"""Makes test/fixtures/nn/more-layers.json and schedulers.json: layers, losses and schedulers of PyTorch, for layers.test.ts.

Run with Python 3.11, torch 2.11.0, numpy 2.4.6, from packages/torch:
    python scripts/make-layer-fixtures.py
Each case is written twice, in Python and in TypeScript, side by side: the test evaluates the second.
"""
import json

import torch
from make_fixtures import OUT, packed
from torch import nn

torch.set_num_threads(1)

X = "normal"
# (PyTorch, TypeScript, inputs, call in Python, call in TypeScript)
CASES = [
    ("nn.Tanh()", "new nn.Tanh()", [[3, 5]]),
    ("nn.Hardswish()", "new nn.Hardswish()", [[3, 5]]),
    ("nn.Hardsigmoid()", "new nn.Hardsigmoid()", [[3, 5]]),
    ("nn.Mish()", "new nn.Mish()", [[3, 5]]),
    ("nn.SELU()", "new nn.SELU()", [[3, 5]]),
    ("nn.LogSigmoid()", "new nn.LogSigmoid()", [[3, 5]]),
    ("nn.Softsign()", "new nn.Softsign()", [[3, 5]]),
    ("nn.GELU()", "new nn.GELU()", [[3, 5]]),
    ("nn.GELU(approximate='tanh')", "new nn.GELU({ approximate: 'tanh' })", [[3, 5]]),
    ("nn.LeakyReLU()", "new nn.LeakyReLU()", [[3, 5]]),
    ("nn.LeakyReLU(0.2)", "new nn.LeakyReLU(0.2)", [[3, 5]]),
    ("nn.ELU(0.5)", "new nn.ELU(0.5)", [[3, 5]]),
    ("nn.Softplus()", "new nn.Softplus()", [[3, 5]]),
    ("nn.Softplus(2, 1)", "new nn.Softplus({ beta: 2, threshold: 1 })", [[3, 5]]),
    ("nn.PReLU()", "new nn.PReLU()", [[3, 5]]),
    ("nn.PReLU(5)", "new nn.PReLU({ numParameters: 5 })", [[3, 5, 2]]),
    ("nn.Softmax(1)", "new nn.Softmax(1)", [[3, 5]]),
    ("nn.LogSoftmax(-1)", "new nn.LogSoftmax(-1)", [[3, 5]]),
    ("nn.GLU()", "new nn.GLU()", [[3, 6]]),
    ("nn.Dropout2d(0.5).eval()", "new nn.Dropout2d(0.5).eval()", [[2, 3, 2, 2]]),
    ("nn.Conv2d(2, 3, (1, 3), padding=(0, 1))", "new nn.Conv2d(2, 3, [1, 3], { padding: [0, 1] })", [[2, 2, 4, 4]]),
    ("nn.Conv2d(2, 3, 3, padding='same')", "new nn.Conv2d(2, 3, 3, { padding: 'same' })", [[2, 2, 4, 4]]),
    ("nn.Conv2d(3, 4, 1)", "new nn.Conv2d(3, 4, 1)", [[3, 4, 4]]),
    ("nn.Conv1d(3, 4, 3, padding=1)", "new nn.Conv1d(3, 4, 3, { padding: 1 })", [[2, 3, 7]]),
    ("nn.Conv1d(4, 4, 3, stride=2, groups=2, bias=False)", "new nn.Conv1d(4, 4, 3, { stride: 2, groups: 2, bias: false })", [[2, 4, 7]]),
    ("nn.Conv3d(2, 3, 2)", "new nn.Conv3d(2, 3, 2)", [[1, 2, 3, 4, 3]]),
    ("nn.ConvTranspose1d(3, 2, 3, stride=2)", "new nn.ConvTranspose1d(3, 2, 3, { stride: 2 })", [[2, 3, 4]]),
    ("nn.ConvTranspose2d(4, 2, 3, stride=2, padding=1, output_padding=1, groups=2)", "new nn.ConvTranspose2d(4, 2, 3, { stride: 2, padding: 1, outputPadding: 1, groups: 2 })", [[2, 4, 3, 3]]),
    ("nn.ConvTranspose3d(2, 2, 2, bias=False)", "new nn.ConvTranspose3d(2, 2, 2, { bias: false })", [[1, 2, 2, 3, 2]]),
    ("nn.Embedding(7, 3)", "new nn.Embedding(7, 3)", ["integers 7"]),
    ("nn.Embedding(7, 3, padding_idx=2)", "new nn.Embedding(7, 3, { paddingIdx: 2 })", ["integers 7"]),
    ("nn.Embedding(7, 3, padding_idx=-1)", "new nn.Embedding(7, 3, { paddingIdx: -1 })", ["integers 7"]),
    ("nn.LayerNorm(5)", "new nn.LayerNorm(5)", [[2, 3, 5]]),
    ("nn.LayerNorm([3, 5], eps=1e-3, bias=False)", "new nn.LayerNorm([3, 5], { eps: 1e-3, bias: false })", [[2, 3, 5]]),
    ("nn.LayerNorm(5, elementwise_affine=False)", "new nn.LayerNorm(5, { elementwiseAffine: false })", [[2, 3, 5]]),
    ("nn.RMSNorm(5)", "new nn.RMSNorm(5)", [[2, 3, 5]]),
    ("nn.RMSNorm(5, eps=1e-3)", "new nn.RMSNorm(5, { eps: 1e-3 })", [[2, 3, 5]]),
    ("nn.GroupNorm(2, 4)", "new nn.GroupNorm(2, 4)", [[2, 4, 3, 3]]),
    ("nn.InstanceNorm2d(3)", "new nn.InstanceNorm2d(3)", [[2, 3, 3, 3]]),
    ("nn.InstanceNorm2d(3, affine=True)", "new nn.InstanceNorm2d(3, { affine: true })", [[2, 3, 3, 3]]),
    ("nn.MaxPool1d(2)", "new nn.MaxPool1d(2)", [[2, 3, 7]]),
    ("nn.MaxPool2d(3, 2, padding=1, ceil_mode=True)", "new nn.MaxPool2d(3, { stride: 2, padding: 1, ceilMode: true })", [[1, 2, 6, 6]]),
    ("nn.MaxPool3d(2)", "new nn.MaxPool3d(2)", [[1, 2, 4, 4, 4]]),
    ("nn.AvgPool1d(2)", "new nn.AvgPool1d(2)", [[2, 3, 7]]),
    ("nn.AvgPool2d(3, 2, padding=1)", "new nn.AvgPool2d(3, { stride: 2, padding: 1 })", [[1, 2, 6, 6]]),
    ("nn.AvgPool2d(3, padding=1, count_include_pad=False)", "new nn.AvgPool2d(3, { padding: 1, countIncludePad: false })", [[1, 2, 6, 6]]),
    ("nn.AvgPool3d(2)", "new nn.AvgPool3d(2)", [[1, 2, 4, 4, 4]]),
    ("nn.AdaptiveAvgPool1d(3)", "new nn.AdaptiveAvgPool1d(3)", [[2, 3, 7]]),
    ("nn.AdaptiveAvgPool2d((1, 3))", "new nn.AdaptiveAvgPool2d([1, 3])", [[2, 3, 4, 7]]),
    ("nn.AdaptiveAvgPool3d(2)", "new nn.AdaptiveAvgPool3d(2)", [[1, 2, 4, 4, 5]]),
    ("nn.AdaptiveMaxPool2d(2)", "new nn.AdaptiveMaxPool2d(2)", [[2, 3, 4, 5]]),
    ("nn.Flatten(0, 1)", "new nn.Flatten(0, 1)", [[2, 3, 4]]),
    ("nn.Upsample(scale_factor=2)", "new nn.Upsample({ scaleFactor: 2 })", [[1, 2, 3, 3]]),
    ("nn.Upsample(size=(5, 4), mode='bilinear')", "new nn.Upsample({ size: [5, 4], mode: 'bilinear' })", [[1, 2, 3, 3]]),
    ("nn.Upsample(scale_factor=1.7, mode='bilinear', align_corners=True)", "new nn.Upsample({ scaleFactor: 1.7, mode: 'bilinear', alignCorners: true })", [[1, 2, 3, 3]]),
    ("nn.Upsample(size=7, mode='linear')", "new nn.Upsample({ size: 7, mode: 'linear' })", [[1, 2, 3]]),
    ("nn.Upsample(size=4, mode='trilinear')", "new nn.Upsample({ size: 4, mode: 'trilinear' })", [[1, 1, 2, 3, 2]]),
    ("nn.Upsample(size=4, mode='nearest-exact')", "new nn.Upsample({ size: 4, mode: 'nearest-exact' })", [[1, 2, 6]]),
    ("Interpolate(size=3, mode='bicubic', antialias=True)", "new nn.Upsample({ size: 3, mode: 'bicubic', antialias: true })", [[1, 2, 7, 7]]),
    ("Interpolate(scale_factor=0.5, mode='area')", "new nn.Upsample({ scaleFactor: 0.5, mode: 'area' })", [[1, 2, 5, 4]]),
    ("nn.LSTM(3, 4, 2)", "new nn.LSTM(3, 4, { numLayers: 2 })", [[5, 2, 3]]),
    ("nn.LSTM(3, 4, batch_first=True, bidirectional=True)", "new nn.LSTM(3, 4, { batchFirst: true, bidirectional: true })", [[2, 5, 3]]),
    ("nn.LSTM(3, 4)", "new nn.LSTM(3, 4)", [[5, 2, 3], [1, 2, 4], [1, 2, 4]], "m(a, (b, c))", "m.forward(a, [b, c])"),
    ("nn.LSTM(3, 4, bias=False)", "new nn.LSTM(3, 4, { bias: false })", [[5, 3]]),
    ("nn.GRU(3, 4, 2, bidirectional=True)", "new nn.GRU(3, 4, { numLayers: 2, bidirectional: true })", [[5, 2, 3]]),
    ("nn.GRU(3, 4, batch_first=True)", "new nn.GRU(3, 4, { batchFirst: true })", [[2, 5, 3], [1, 2, 4]]),
    ("nn.RNN(3, 4)", "new nn.RNN(3, 4)", [[5, 2, 3]]),
    ("nn.RNN(3, 4, nonlinearity='relu')", "new nn.RNN(3, 4, { nonlinearity: 'relu' })", [[5, 2, 3]]),
    ("nn.MultiheadAttention(6, 2)", "new nn.MultiheadAttention(6, 2)", [[4, 2, 6], [5, 2, 6], [5, 2, 6]]),
    ("nn.MultiheadAttention(6, 3, batch_first=True)", "new nn.MultiheadAttention(6, 3, { batchFirst: true })", [[2, 4, 6]], "m(a, a, a, need_weights=False)", "m.forward(a, a, a, { needWeights: false })"),
    ("nn.MultiheadAttention(6, 2, bias=False)", "new nn.MultiheadAttention(6, 2, { bias: false })", [[4, 6]], "m(a, a, a)", "m.forward(a, a, a)"),
    ("nn.MultiheadAttention(6, 2, batch_first=True)", "new nn.MultiheadAttention(6, 2, { batchFirst: true })", [[2, 4, 6], "padding 2 4"], "m(a, a, a, key_padding_mask=b)", "m.forward(a, a, a, { keyPaddingMask: b })"),
    ("nn.MultiheadAttention(6, 2, batch_first=True)", "new nn.MultiheadAttention(6, 2, { batchFirst: true })", [[2, 4, 6], [4, 4]], "m(a, a, a, attn_mask=b)", "m.forward(a, a, a, { attnMask: b })"),
    ("nn.MultiheadAttention(6, 2)", "new nn.MultiheadAttention(6, 2)", [[4, 2, 6]], "m(a, a, a, attn_mask=torch.ones(4, 4, dtype=torch.bool).triu(1), is_causal=True, need_weights=False)", "m.forward(a, a, a, { isCausal: true, needWeights: false })"),
    ("nn.TransformerEncoderLayer(6, 2, 8, dropout=0)", "new nn.TransformerEncoderLayer(6, 2, { dimFeedforward: 8, dropout: 0 })", [[4, 2, 6]]),
    ("nn.TransformerEncoderLayer(6, 2, 8, dropout=0, activation='gelu', batch_first=True, norm_first=True)", "new nn.TransformerEncoderLayer(6, 2, { dimFeedforward: 8, dropout: 0, activation: 'gelu', batchFirst: true, normFirst: true })", [[2, 4, 6]]),
    ("nn.TransformerEncoder(nn.TransformerEncoderLayer(6, 2, 8, dropout=0), 2, nn.LayerNorm(6))", "new nn.TransformerEncoder(() => new nn.TransformerEncoderLayer(6, 2, { dimFeedforward: 8, dropout: 0 }), 2, { norm: new nn.LayerNorm(6) })", [[4, 2, 6]]),
    ("nn.MSELoss()", "new nn.MSELoss()", [[3, 4], [3, 4]]),
    ("nn.MSELoss(reduction='sum')", "new nn.MSELoss({ reduction: 'sum' })", [[3, 4], [3, 4]]),
    ("nn.L1Loss(reduction='none')", "new nn.L1Loss({ reduction: 'none' })", [[3, 4], [3, 4]]),
    ("nn.HuberLoss(delta=0.7)", "new nn.HuberLoss({ delta: 0.7 })", [[3, 4], [3, 4]]),
    ("nn.SmoothL1Loss(beta=0.7)", "new nn.SmoothL1Loss({ beta: 0.7 })", [[3, 4], [3, 4]]),
    ("nn.BCELoss()", "new nn.BCELoss()", ["share 3 4", "share 3 4"]),
    ("nn.BCEWithLogitsLoss()", "new nn.BCEWithLogitsLoss()", [[3, 4], "share 3 4"]),
    ("nn.BCEWithLogitsLoss(pos_weight=torch.tensor([1., 2., 3., 4.]))", "new nn.BCEWithLogitsLoss({ posWeight: torch.tensor([1, 2, 3, 4]) })", [[3, 4], "share 3 4"]),
    ("nn.NLLLoss()", "new nn.NLLLoss()", [[6, 7], "integers 7"]),
    ("nn.NLLLoss(ignore_index=2, reduction='sum')", "new nn.NLLLoss({ ignoreIndex: 2, reduction: 'sum' })", [[6, 7], "integers 7"]),
    ("nn.CrossEntropyLoss(label_smoothing=0.1)", "new nn.CrossEntropyLoss({ labelSmoothing: 0.1 })", [[6, 7], "integers 7"]),
    ("nn.KLDivLoss()", "new nn.KLDivLoss()", [[3, 4], "share 3 4"]),
    ("nn.KLDivLoss(reduction='batchmean', log_target=True)", "new nn.KLDivLoss({ reduction: 'batchmean', logTarget: true })", [[3, 4], [3, 4]]),
    ("nn.CosineEmbeddingLoss(margin=0.1)", "new nn.CosineEmbeddingLoss({ margin: 0.1 })", [[6, 4], [6, 4], "signs 6"]),
    ("nn.TripletMarginLoss()", "new nn.TripletMarginLoss()", [[3, 4], [3, 4], [3, 4]]),
    ("nn.TripletMarginLoss(margin=2, p=1, swap=True)", "new nn.TripletMarginLoss({ margin: 2, p: 1, swap: true })", [[3, 4], [3, 4], [3, 4]]),
]


class Interpolate(nn.Module):
    def __init__(self, **options):
        super().__init__()
        self.options = options

    def forward(self, x):
        return nn.functional.interpolate(x, **self.options)


def made(kind, generator):
    if isinstance(kind, list):
        return torch.randn(kind, generator=generator).requires_grad_()
    name, *sizes = kind.split()
    sizes = [int(size) for size in sizes]
    if name == "integers":
        return torch.randint(0, sizes[0], [6], generator=generator)
    if name == "share":
        return torch.rand(sizes, generator=generator).mul(0.8).add(0.1).requires_grad_()
    if name == "signs":
        return torch.randint(0, 2, sizes, generator=generator).mul(2).sub(1)
    return torch.arange(sizes[1]).expand(sizes).ge(torch.tensor([[sizes[1] - 1], [2]]))  # padding


def flat(value):
    return [one for part in value for one in flat(part)] if isinstance(value, (tuple, list)) else [value]


def case(python, typescript, inputs, call="m(*inputs)", ts_call="m.forward(...inputs)"):
    torch.manual_seed(3)
    m = eval(python, {"nn": nn, "torch": torch, "Interpolate": Interpolate})
    initial = {key: [list(p.shape), p.flatten()[:3].tolist()] for key, p in m.named_parameters()}
    generator = torch.Generator().manual_seed(len(python))
    with torch.no_grad():
        for _, p in m.named_parameters():
            p.copy_(torch.rand(p.shape, generator=generator) - 0.3)
    inputs = [made(kind, generator) for kind in inputs]
    names = dict(zip("abc", inputs))
    outputs = [one for one in flat(eval(call, {"m": m, "torch": torch, "inputs": inputs, **names})) if one is not None]
    upstream = [torch.randn(one.shape, generator=generator) for one in outputs]
    given = [(o, u) for o, u in zip(outputs, upstream) if o.requires_grad]
    torch.autograd.backward([o for o, _ in given], [u for _, u in given])
    return {
        "python": python, "typescript": typescript, "call": ts_call, "printed": str(m),
        "initial": initial, "state": {key: packed(t) for key, t in m.state_dict().items()},
        "inputs": [packed(x) for x in inputs], "upstream": [packed(u) for u in upstream],
        "outputs": [packed(o) for o in outputs],
        "inputGrads": [packed(x.grad) if x.grad is not None else None for x in inputs],
        "grads": {key: packed(p.grad) if p.grad is not None else None for key, p in m.named_parameters()},
    }


S = torch.optim.lr_scheduler
SCHEDULES = [
    ("S.StepLR(o, 3, 0.5)", "new S.StepLR(o, { stepSize: 3, gamma: 0.5 })"),
    ("S.MultiStepLR(o, [2, 5, 5])", "new S.MultiStepLR(o, { milestones: [2, 5, 5] })"),
    ("S.ExponentialLR(o, 0.9)", "new S.ExponentialLR(o, { gamma: 0.9 })"),
    ("S.LambdaLR(o, lambda n: 1 / (n + 1))", "new S.LambdaLR(o, (n) => 1 / (n + 1))"),
    ("S.LinearLR(o, total_iters=4)", "new S.LinearLR(o, { totalIters: 4 })"),
    ("S.CosineAnnealingLR(o, 5, 0.01)", "new S.CosineAnnealingLR(o, { tMax: 5, etaMin: 0.01 })"),
    ("S.OneCycleLR(o, 0.5, 13, cycle_momentum=False)", "new S.OneCycleLR(o, { maxLr: 0.5, totalSteps: 13 })"),
    ("S.OneCycleLR(o, 0.5, 13, cycle_momentum=False, anneal_strategy='linear', three_phase=True)", "new S.OneCycleLR(o, { maxLr: 0.5, totalSteps: 13, annealStrategy: 'linear', threePhase: true })"),
    ("S.ChainedScheduler([S.LinearLR(o, total_iters=4), S.ExponentialLR(o, 0.9)])", "new S.ChainedScheduler([new S.LinearLR(o, { totalIters: 4 }), new S.ExponentialLR(o, { gamma: 0.9 })])"),
    ("S.ReduceLROnPlateau(o, patience=2, cooldown=1)", "new S.ReduceLROnPlateau(o, { patience: 2, cooldown: 1 })"),
    ("S.ReduceLROnPlateau(o, mode='max', factor=0.5, patience=1, threshold=0.1, threshold_mode='abs', min_lr=0.03)", "new S.ReduceLROnPlateau(o, { mode: 'max', factor: 0.5, patience: 1, threshold: 0.1, thresholdMode: 'abs', minLr: 0.03 })"),
]
METRICS = [5, 4, 4, 4.2, 4.1, 3.9999, 4, 4, 3, 3, 3, 3]


def schedule(python, typescript):
    o = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler = eval(python, {"S": S, "o": o})
    rates = [o.param_groups[0]["lr"]]
    for metric in METRICS:
        o.step()
        scheduler.step(*([metric] if "Plateau" in python else []))
        rates.append(o.param_groups[0]["lr"])
    return {"python": python, "typescript": typescript, "metrics": METRICS, "rates": rates}


def write(name, cases):
    lines = ",\n".join(json.dumps(one) for one in cases)
    (OUT / name).write_text(f"[\n{lines}\n]\n")


write("more-layers.json", [case(*one) for one in CASES])
write("schedulers.json", [schedule(*one) for one in SCHEDULES])
