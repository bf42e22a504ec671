"""The peers' half of lib/peer.mjs: one JSON line when ready, then one for every line that comes."""
import json
import os
import sys

options = json.loads(sys.argv[1])


def serve(answer, ready=None):
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints must not mix with the answers
    print(json.dumps(ready), file=out, flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line))), file=out, flush=True)
