"""Puts folders into one archive, where there may be no tar:  python home.py ARCHIVE.tar.gz ROOT all|results FOLDER...

`results` leaves checkpoints out. A folder that is not there is left out: its job made none.
"""
import os
import sys
import tarfile

archive, root, what, *folders = sys.argv[1:]


def wanted(member):
    return None if what == "results" and "checkpoints" in member.name.split("/") else member


with tarfile.open(archive, "w:gz") as tar:
    for folder in folders:
        if os.path.isdir(os.path.join(root, folder)):
            tar.add(os.path.join(root, folder), arcname=folder, filter=wanted)
