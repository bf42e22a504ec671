"""LightlyStudio on a folder of images, as its documentation starts it; without embeddings, whose models are downloaded."""

import sys

import lightly_studio as ls
from lightly_studio import db_manager

if __name__ == "__main__":
    folder, database, port, how = sys.argv[1:5]
    db_manager.connect(db_file=database, cleanup_existing=how == "new")
    if how == "new":
        ls.ImageDataset.create().add_images_from_path(path=folder, embed=False)
    ls.start_gui(host="127.0.0.1", port=int(port), open_browser=False)
