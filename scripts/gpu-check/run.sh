#!/bin/sh
# Checks a machine with an NVIDIA GPU: see docs/gpu.md. Needs python3 with torch 2.11 and a C++ compiler, no network, no Node.
#   ./run.sh [--minutes 10] [--device cuda|cpu] [--data SOURCE] [--out gpu-check.json]
# --minutes 0 compares numbers and does not train. PYTHON names another python3, WORK another folder for what is unpacked and built.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
python=${PYTHON:-python3}
work=${WORK:-${TMPDIR:-/tmp}/twoview-gpu-check-$(id -u)}
mkdir -p "$work"

# Python unpacks, so that neither xz nor tar need be there.
"$python" - "$here" "$work" <<'PYTHON'
import lzma, os, shutil, sys, tarfile
here, work = sys.argv[1:]
for old in ("app", "node"):
    path = os.path.join(work, old)
    shutil.rmtree(path) if os.path.isdir(path) else os.path.exists(path) and os.remove(path)
with lzma.open(os.path.join(here, "node.xz")) as packed, open(os.path.join(work, "node"), "wb") as node:
    shutil.copyfileobj(packed, node)
os.chmod(os.path.join(work, "node"), 0o755)
with tarfile.open(os.path.join(here, "app.tar.xz")) as app:
    app.extractall(work, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
PYTHON

if [ -z "${TWOVIEW_LIBTORCH:-}" ]; then
  TWOVIEW_LIBTORCH=$("$python" -c 'import importlib.util, os; s = importlib.util.find_spec("torch"); print(os.path.dirname(s.origin) if s else "")')
  if [ -z "$TWOVIEW_LIBTORCH" ]; then
    echo "$python has no torch: name a Python that has torch 2.11 with PYTHON=..., or its torch folder with TWOVIEW_LIBTORCH" >&2
    exit 1
  fi
fi
export TWOVIEW_LIBTORCH PYTHON="$python"
export TWOVIEW_CACHE="$work/cache" TWOVIEW_DATA="$work/cache/data"
exec "$work/node" "$work/app/scripts/gpu-check/check.mjs" --data "$here/data.safetensors" --work "$work" "$@"
