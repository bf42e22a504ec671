"""A tiny CIFAR-10 in the official Python layout: batch 1 as Python 2 wrote it (protocol 2, str keys), batch 2 as Python 3 does.

    python3 make-cifar-fixtures.py ../test/fixtures/cifar-python      (numpy)
"""
import json
import pickle
import struct
import sys
from pathlib import Path

import numpy

folder = Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
random = numpy.random.default_rng(0)
classes = "airplane automobile bird cat deer dog frog horse ship truck".split()
labels, sums = [], []
for number in (1, 2):
    data = numpy.repeat(random.integers(0, 256, (10, 48), dtype=numpy.uint8), 64, axis=1)
    mine = [int(x) for x in random.integers(0, 10, 10)]
    labels += mine
    sums += [int(row.sum()) for row in data.astype(int)]
    if number == 2:
        batch = pickle.dumps({b"batch_label": b"testing", b"labels": mine, b"data": data, b"filenames": [b"a.png"] * 10})
    else:
        # Python 2's pickle stores str with SHORT_BINSTRING and BINSTRING, which Python 3 can read but not write.
        short = lambda text: b"U" + bytes([len(text)]) + text
        long = lambda text: b"T" + struct.pack("<i", len(text)) + text
        array = (
            b"cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\x00\x85" + short(b"b") + b"\x87R"
            + b"(K\x01K\x0aM\x00\x0c\x86cnumpy\ndtype\n" + short(b"u1") + b"K\x00K\x01\x87R"
            + b"(K\x03" + short(b"|") + b"NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89" + long(data.tobytes()) + b"tb"
        )
        numbers = b"](" + b"".join(b"K" + bytes([x]) for x in mine) + b"e"
        batch = b"\x80\x02}(" + short(b"labels") + numbers + short(b"data") + array + b"u."
        assert (pickle.loads(batch, encoding="latin1")["data"] == data).all()
    (folder / f"data_batch_{number}").write_bytes(batch)
(folder / "batches.meta").write_bytes(pickle.dumps({"label_names": classes, "num_vis": 3072}, protocol=2))
(folder / "expected.json").write_text(json.dumps({"classes": classes, "labels": labels, "sums": sums}))
