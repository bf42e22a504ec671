"""Makes test/fixtures/io: pickles, .pth and .safetensors files, and beside them what Python reads in them.

Run with Python 3.11, torch 2.11.0, numpy 2.4.6, safetensors 0.8.0, from packages/torch:
    python scripts/make-io-fixtures.py
Everything is seeded, and a second run writes the same values (torch's zip files may differ in their bytes).
"""
import base64
import collections
import io
import json
import os
import pickle
import struct
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

OUT = Path(__file__).parent.parent / "test" / "fixtures" / "io"
OUT.mkdir(parents=True, exist_ok=True)
torch.manual_seed(7)
rng = np.random.default_rng(7)


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


# --- pickles -------------------------------------------------------------------------------------------------------------
VALUE = {
    "none": None, "yes": True, "no": False, "small": 7, "byte": 255, "short": 65535, "int": -(2**31), "long": 2**53 - 1,
    "huge": -(2**70), "float": 0.1, "minus": -1.5e300, "text": "Gr\u00fc\u00dfe \U0001f600\n", "tuple": (1, (2, 3), (), (4,), (5, 6, 7, 8)),
    "list": list(range(300)), "nested": {"a": [{"b": []}]}, "shared": None,
}
VALUE["shared"] = [VALUE["nested"], VALUE["nested"]]
ARRAYS = {
    "u1": rng.integers(0, 256, (2, 3, 4), dtype=np.uint8), "f4": rng.standard_normal((3, 2)).astype(np.float32),
    "big": np.arange(4, dtype=">i4"), "columns": np.asfortranarray(np.arange(6, dtype=np.int64).reshape(2, 3)),
    "empty": np.zeros((0, 3), np.float64), "bool": np.array([True, False]), "scalar": np.float64(0.25), "count": np.int64(2**40),
}


def described(value):
    if isinstance(value, np.ndarray):
        plain = np.ascontiguousarray(value.astype(value.dtype.newbyteorder("<")))
        return {"dtype": plain.dtype.name, "shape": list(value.shape), "data": b64(plain.tobytes())}
    return value.item()


def cifar_by_python_2(labels: list[int], data: bytes) -> bytes:
    """The bytes that cPickle of Python 2 wrote for the official batches: str for text and for the array's data."""
    return (
        b"\x80\x02}q\x01(U\x0bbatch_labelq\x02U\x15training batch 1 of 5q\x03U\x06labelsq\x04]q\x05("
        + b"".join(b"K" + bytes([label]) for label in labels)
        + b"eU\x04dataq\x06cnumpy.core.multiarray\n_reconstruct\nq\x07cnumpy\nndarray\nq\x08K\x00\x85U\x01b\x87Rq\t(K\x01K"
        + bytes([len(labels)]) + b"M\x00\x0c\x86cnumpy\ndtype\nq\nU\x02u1K\x00K\x01\x87Rq\x0b(K\x03U\x01|NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb"
        + b"\x89T" + struct.pack("<I", len(data)) + data + b"tbU\tfilenamesq\x0c]q\r(" + b"U\x05a.png" * len(labels) + b"eu."
    )


cifar = rng.integers(0, 256, 2 * 3072, dtype=np.uint8).tobytes()
checked = pickle.loads(cifar_by_python_2([6, 9], cifar), encoding="latin1")
assert checked["labels"] == [6, 9] and checked["data"].shape == (2, 3072) and checked["data"].tobytes() == cifar

pickles = {
    "values": {p: b64(pickle.dumps(VALUE, protocol=p)) for p in range(6)},
    "bytes": {p: b64(pickle.dumps(bytes(range(256)), protocol=p)) for p in range(6)},
    "sets": {p: b64(pickle.dumps([{1, 2}, frozenset([3])], protocol=p)) for p in range(6)},
    "ordered": {p: b64(pickle.dumps(collections.OrderedDict(z=1, a=2), protocol=p)) for p in range(6)},
    "arrays": {p: b64(pickle.dumps(ARRAYS, protocol=p)) for p in range(6)},
    "cifar": b64(cifar_by_python_2([6, 9], cifar)),
    "expected": {"arrays": {key: described(value) for key, value in ARRAYS.items()}, "cifar": b64(cifar)},
}


class Evil:
    def __reduce__(self):
        return os.system, ("touch /tmp/pwned",)


class Quiet:
    def __reduce__(self):
        return eval, ("__import__('os').getcwd()",)


pickles["hostile"] = {
    "posix.system": b64(pickle.dumps(Evil(), protocol=2)),
    "builtins.eval": b64(pickle.dumps({"weights": [Quiet()]}, protocol=4)),
}
(OUT / "pickles.json").write_text(json.dumps(pickles, indent=0))


# --- tensors -------------------------------------------------------------------------------------------------------------
def tensor_described(t: torch.Tensor):
    plain = t.detach().contiguous().reshape(-1).view(torch.uint8)
    return {
        "dtype": str(t.dtype).removeprefix("torch."), "shape": list(t.shape), "strides": list(t.stride()),
        "requiresGrad": t.requires_grad, "data": b64(plain.numpy().tobytes()),
    }


def all_dtypes():
    x = torch.randn(2, 3, 4)
    plain = {str(d).removeprefix("torch."): (x * 20).to(d) for d in (
        torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.int64, torch.int32, torch.int16, torch.int8,
        torch.float8_e4m3fn, torch.float8_e5m2)}
    unsigned = {str(d).removeprefix("torch."): (x * 20).abs().to(torch.int32).to(d) for d in (torch.uint8, torch.uint16, torch.uint32, torch.uint64)}
    return {**plain, **unsigned, "bool": x > 0}


base = torch.randn(4, 6)
VIEWS = {
    **all_dtypes(), "base": base, "row": base[1], "part": base[1:3, 2:5], "transposed": base.t(), "expanded": torch.randn(3, 1).expand(3, 5),
    "channels_last": torch.randn(2, 3, 4, 5).to(memory_format=torch.channels_last), "zero_dim": torch.tensor(3.5), "none": torch.empty(0, 3),
    "parameter": torch.nn.Parameter(torch.randn(3)), "leaf": torch.randn(2, requires_grad=True), "complex64": torch.randn(3, dtype=torch.complex64),
}
torch.save(VIEWS, OUT / "views.pth")
legacy = {k: v for k, v in VIEWS.items() if k not in ("uint16", "uint32", "uint64")}
torch.save(legacy, OUT / "views-legacy.pth", _use_new_zipfile_serialization=False)

net = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3, bias=False), torch.nn.BatchNorm2d(4), torch.nn.Flatten(), torch.nn.Linear(4, 2))
CHECKPOINT = {
    "epoch": 3, "arch": "tiny", "best_acc": np.float64(0.5), "betas": (0.9, 0.999), "dtype": torch.bfloat16, "size": torch.Size([3, 4]),
    "device": torch.device("cuda:1"), "state_dict": collections.OrderedDict(("module." + k, v) for k, v in net.state_dict().items()),
    "optimizer": torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9).state_dict(),
}
torch.save(CHECKPOINT, OUT / "checkpoint.pth")
torch.save(net.state_dict(), OUT / "state-dict.pth")
torch.save(net, OUT / "whole-module.pth")
torch.save({"weights": torch.randn(2), "payload": Evil()}, OUT / "hostile.pth")
torch.jit.save(torch.jit.script(torch.nn.Linear(2, 2)), str(OUT / "torchscript.pt"))

STORED = {k: v.contiguous() for k, v in VIEWS.items() if k not in ("row", "part", "transposed", "leaf", "parameter")}
STORED |= {"Gr\u00fc\u00dfe/\"quoted\"": torch.arange(3, dtype=torch.int16)}
save_file(STORED, OUT / "all.safetensors", metadata={"format": "pt", "note": "a \"quoted\" note"})

(OUT / "tensors.json").write_text(json.dumps({
    "views": {k: tensor_described(v) for k, v in VIEWS.items()},
    "stateDict": {k: tensor_described(v) for k, v in net.state_dict().items()},
    "safetensors": {k: tensor_described(v) for k, v in STORED.items()},
}, indent=0))
