"""Fixture for suspect labels: the thresholds, the confident joint and the ranked suspects of cleanlab.

    python packages/twoview/scripts/make-suspect-fixtures.py packages/twoview/test/fixtures/suspects.json

Made with cleanlab 2.9.0, numpy 2.4.6, seed 0. Of some rows more than one class reaches its threshold while none of them is the most probable
one; cleanlab takes the most probable class then, the paper's equation the most probable of those that reach theirs. Such rows are left out.
"""
import json
import sys

import numpy as np
from cleanlab.count import compute_confident_joint, get_confident_thresholds
from cleanlab.filter import find_label_issues

rng = np.random.default_rng(0)
N, C = 400, 4
truth = rng.choice(C, N, p=[0.4, 0.3, 0.2, 0.1])
labels = np.where(rng.uniform(size=N) < 0.1, rng.integers(0, C, N), truth)
logits = rng.normal(size=(N, C)) + 2.0 * np.eye(C)[truth]
probabilities = np.round(np.exp(logits) / np.exp(logits).sum(1, keepdims=True), 6)
probabilities /= probabilities.sum(1, keepdims=True)

while True:
    thresholds = get_confident_thresholds(labels, probabilities)
    reached = probabilities >= thresholds - 1e-6
    odd = (reached.sum(1) > 1) & ~reached[np.arange(len(labels)), probabilities.argmax(1)]
    if not odd.any():
        break
    labels, probabilities = labels[~odd], probabilities[~odd]

joint = compute_confident_joint(labels, probabilities, calibrate=False)
ranked = find_label_issues(
    labels, probabilities, filter_by="confident_learning", return_indices_ranked_by="normalized_margin", n_jobs=1
)
with open(sys.argv[1], "w") as file:
    json.dump(
        {
            "labels": labels.tolist(),
            "probabilities": probabilities.tolist(),
            "thresholds": thresholds.tolist(),
            "joint": joint.tolist(),
            "ranked": ranked.tolist(),
        },
        file,
    )
    file.write("\n")
print(len(labels), "rows,", len(ranked), "suspects")
