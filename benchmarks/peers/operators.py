"""Small operators from Python: seconds for a number of calls. The same calls as in operators.mjs."""
import time

import torch

from peer import options, serve

torch.set_num_threads(options["threads"])
a = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
b = torch.tensor([[5.0, 6.0], [7.0, 8.0]])


def mixed():
    x = a.mul(2)
    y = x.view([4])
    y.sum()
    a.matmul(b)
    x.add_(b)


def ten():
    for _ in range(10):
        a.add(b)


BODIES = {"add": (ten, 10), "mixed": (mixed, 5)}


def measure(question):
    body, each = BODIES[question["kind"]]
    rounds = question["calls"] // each
    start = time.perf_counter()
    for _ in range(rounds):
        body()
    return time.perf_counter() - start


serve(measure)
