"""Fixtures for the heads on frozen representations: scikit-learn's Ridge and multinomial LogisticRegression.

    python packages/twoview/scripts/make-head-fixtures.py packages/twoview/test/fixtures/heads.json

Made with scikit-learn 1.9.1, numpy 2.4.6, seed 0. Features have mean 0 and standard deviation 1, as the heads scale them.
"""
import json
import sys

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge

rng = np.random.default_rng(0)
N, D, C = 40, 6, 3
labels = rng.integers(0, C, N)
features = rng.normal(size=(N, D)) + 0.8 * rng.normal(size=(C, D))[labels]
features = (features - features.mean(0)) / features.std(0)
features = features.astype(np.float32).astype(np.float64)
targets = np.eye(C)[labels]
weights = rng.uniform(0.2, 1, N)

logistic = []
for l2 in (3.0, 0.3, 0.03, 0.003):
    # mean loss + l2 / 2 |W|^2 is scikit-learn's C * sum of losses + 1 / 2 |W|^2, divided by C * N.
    model = LogisticRegression(C=1 / (l2 * N), tol=1e-10, max_iter=10_000).fit(features, labels)
    logistic.append({"strength": l2, "logits": model.decision_function(features).tolist()})
ridge = []
for alpha in (0.01, 1.0, 100.0):
    # The intercept is the share of each class, by weight.
    shares = weights @ targets / weights.sum()
    model = Ridge(alpha=alpha, fit_intercept=False).fit(features, targets - shares, sample_weight=weights)
    ridge.append({"strength": alpha, "weight": model.coef_.tolist(), "bias": shares.tolist()})
with open(sys.argv[1], "w") as file:
    json.dump({"features": features.tolist(), "labels": labels.tolist(), "weights": weights.tolist(), "logistic": logistic, "ridge": ridge}, file)
    file.write("\n")
