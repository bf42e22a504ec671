#!/bin/sh
# Checks a machine with an NVIDIA GPU: see docs/gpu.md. Needs python3 with torch 2.11 and a C++ compiler, no network, no Node.
#   ./run.sh a --out FOLDER [--seconds 170] [--device cuda|cpu]
#   ./run.sh b --out FOLDER [--seconds 505] [--device cuda|cpu] [--from STATE] [--epochs N]
#   ./run.sh c --out FOLDER [--seconds 480] [--device cuda|cpu]   (needs torchvision and Pillow)
#   ./run.sh d --out FOLDER --jobs FILE [--seconds 480] [--device cuda|cpu]
# PYTHON names another python3, WORK another folder for what is unpacked and built.
set -eu
started=$(date +%s)
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
work=${WORK:-${TMPDIR:-/tmp}/twoview-gpu-check-$(id -u)}
mkdir -p "$work"

# Python unpacks, so that neither xz nor tar need be there; both files at once.
"$python" - "$here" "$work" <<'PYTHON'
import lzma, os, shutil, sys, tarfile
from concurrent.futures import ThreadPoolExecutor
here, work = sys.argv[1:]
for old in ("app", "node", "cuda", "runs", "parts", "images", "images.safetensors"):
    path = os.path.join(work, old)
    shutil.rmtree(path) if os.path.isdir(path) else os.path.exists(path) and os.remove(path)
def node():
    with lzma.open(os.path.join(here, "node.xz")) as packed, open(os.path.join(work, "node"), "wb") as file:
        shutil.copyfileobj(packed, file, 1 << 20)
    os.chmod(os.path.join(work, "node"), 0o755)
def app():
    with tarfile.open(os.path.join(here, "app.tar.xz")) as files:
        files.extractall(work, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
with ThreadPoolExecutor() as pool:
    for done in [pool.submit(node), pool.submit(app)]:
        done.result()
PYTHON

if [ -z "${TWOVIEW_LIBTORCH:-}" ]; then
  TWOVIEW_LIBTORCH=$("$python" -c 'import importlib.util, os; s = importlib.util.find_spec("torch"); print(os.path.dirname(s.origin) if s else "")')
  if [ -z "$TWOVIEW_LIBTORCH" ]; then
    echo "$python has no torch: name a Python that has torch 2.11 with PYTHON=..., or its torch folder with TWOVIEW_LIBTORCH" >&2
    exit 1
  fi
fi
# cuDNN and cuBLAS open libraries of the wheels by their bare names.
for lib in "$(dirname "$TWOVIEW_LIBTORCH")"/nvidia/*/lib; do
  if [ -d "$lib" ]; then LD_LIBRARY_PATH="$lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"; fi
done
if [ -n "${LD_LIBRARY_PATH:-}" ]; then export LD_LIBRARY_PATH; fi
# The headers of the pack come after those of the wheels and before a toolkit's.
if [ -z "${CUDA_HOME:-}" ] && [ -d "$work/cuda/include" ]; then export CUDA_HOME="$work/cuda"; fi
export TWOVIEW_LIBTORCH PYTHON="$python"
export TWOVIEW_CACHE="$work/cache" TWOVIEW_DATA="$work/cache/data"
exec "$work/node" "$work/app/scripts/gpu-check/check.mjs" --pack "$here" --work "$work" --started "$started" "$@"
