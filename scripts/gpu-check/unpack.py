"""Unpacks an archive into a folder, where Pillow is missing: python unpack.py images.tar.gz FOLDER"""
import sys
import tarfile

with tarfile.open(sys.argv[1]) as archive:
    archive.extractall(sys.argv[2], **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
