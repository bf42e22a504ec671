"""The table that embedding-atlas reads: the files of a folder, and a representation of each, in the order of their names."""

import json
import struct
import sys
from pathlib import Path

import numpy as np
import pandas as pd

folder, features, out = sys.argv[1:4]
with open(features, "rb") as file:
    length = struct.unpack("<Q", file.read(8))[0]
    about = json.loads(file.read(length))["features"]
    file.seek(8 + length + about["data_offsets"][0])
    data = file.read(about["data_offsets"][1] - about["data_offsets"][0])
assert about["dtype"] == "F32", about["dtype"]
vectors = np.frombuffer(data, np.float32).reshape(about["shape"])
files = sorted(path for path in Path(folder).iterdir() if path.is_file())
assert len(files) == len(vectors), (len(files), len(vectors))
pd.DataFrame({"image": [{"bytes": path.read_bytes()} for path in files], "vector": list(vectors)}).to_parquet(out)
