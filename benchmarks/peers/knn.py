"""kNN predictions as others make them: seconds for all queries, in batches of 512.

leftthomas  the test loop of leftthomas/SimCLR (main.py), which sums one-hot votes
lightly     lightly.utils.benchmarking.knn_predict
"""
import time

import torch
import torch.nn.functional as F

from peer import options, serve

torch.set_num_threads(options["threads"])
torch.manual_seed(0)
K, CLASSES, TEMPERATURE, BATCH = options["k"], options["classes"], 0.5, 512
bank = F.normalize(torch.randn(options["bank"], options["size"]).relu_(), dim=1).t().contiguous()
labels = torch.randint(0, CLASSES, (options["bank"],))
queries = F.normalize(torch.randn(options["queries"], options["size"]).relu_(), dim=1)


def leftthomas(feature):
    similarity, index = torch.mm(feature, bank).topk(k=K, dim=-1)
    voters = torch.gather(labels.expand(feature.size(0), -1), dim=-1, index=index)
    weight = (similarity / TEMPERATURE).exp()
    one_hot = torch.zeros(feature.size(0) * K, CLASSES).scatter(dim=-1, index=voters.view(-1, 1), value=1.0)
    scores = torch.sum(one_hot.view(feature.size(0), -1, CLASSES) * weight.unsqueeze(dim=-1), dim=1)
    return scores.argsort(dim=-1, descending=True)


def lightly(feature):
    from lightly.utils.benchmarking import knn_predict

    return knn_predict(feature, bank, labels, num_classes=CLASSES, knn_k=K, knn_t=TEMPERATURE)


predict = {"leftthomas": leftthomas, "lightly": lightly}[options["style"]]


def measure(_):
    start = time.perf_counter()
    for part in queries.split(BATCH):
        predict(part)
    return time.perf_counter() - start


serve(measure)
