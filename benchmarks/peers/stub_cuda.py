"""Makes the CUDA build of torch importable on a machine without a GPU, without the two gigabytes of CUDA libraries.

    python stub_cuda.py

The Linux wheel of torch links cuBLAS, cuDNN and their like, so `import torch` fails where they are missing, although
nothing of them is called without a GPU. This compiles one empty library for each missing one: it has the name, and the
symbols (with their versions), that torch's own libraries ask the loader for; calling one ends the process. What is
measured, libtorch_cpu, is the wheel's own file.
"""
import importlib.util
import re
import subprocess
import tempfile
from pathlib import Path

LIB = Path(importlib.util.find_spec("torch").submodule_search_locations[0]) / "lib"
NVIDIA = LIB.parent.parent / "nvidia"
CUDA = re.compile(r"^(cu[a-zA-Z]|nccl|nvshmem|nvml)\w+$")


def lines(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def needed(library):
    return {m[1] for line in lines("readelf", "-d", library) if (m := re.search(r"\(NEEDED\).*\[(.+)\]", line))}


ours = [path for path in LIB.glob("lib*.so*") if re.search(r"torch|c10", path.name)]
versions = {}  # of each library, those that torch asks for
for path in ours:
    for line in lines("readelf", "-VW", path):
        if m := re.search(r"Version: \d+\s+File: (\S+)", line):
            file = m[1]
        elif m := re.search(r"Name: (\S+)\s+Flags:.*Version: \d+", line):
            versions.setdefault(file, set()).add(m[1])
present = {path.name for path in [*LIB.iterdir(), *NVIDIA.rglob("*.so*")]}
system = " ".join(lines("ldconfig", "-p"))
missing = sorted({name for path in ours for name in needed(path) if name not in present and name not in system})

defined, wanted = set(), set()
for path in ours:
    defined |= {line.split()[-1].split("@")[0] for line in lines("nm", "-D", "--defined-only", path)}
    wanted |= {line.split()[-1] for line in lines("nm", "-D", "--undefined-only", path)}
for path in NVIDIA.rglob("*.so*"):
    defined |= {line.split()[-1].split("@")[0] for line in lines("nm", "-D", "--defined-only", path)}
plain = {name for name in wanted if "@" not in name and CUDA.match(name) and name not in defined}

with tempfile.TemporaryDirectory() as folder:
    for i, name in enumerate(missing):
        versioned = {
            version: {symbol.split("@")[0] for symbol in wanted if symbol.endswith(f"@{version}")}
            for version in versions.get(name, ())
        }
        # A symbol without a version may come from any library; the first one takes them all.
        symbols = set().union(*versioned.values(), plain if i == 0 else ())
        source, script = Path(folder, "stub.c"), Path(folder, "stub.map")
        source.write_text("".join(f"void {symbol}(void) {{ __builtin_trap(); }}\n" for symbol in sorted(symbols)))
        script.write_text("".join(f"{v} {{ global: {' '.join(f'{s};' for s in names)} }};\n" for v, names in versioned.items()))
        version = [f"-Wl,--version-script={script}"] if versioned else []
        command = ["cc", "-shared", "-fPIC", "-w", "-fno-builtin", f"-Wl,-soname,{name}", *version, "-o", LIB / name, source]
        subprocess.run(command, check=True)
        print(f"{name}: {len(symbols)} symbols")
