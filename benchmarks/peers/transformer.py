"""A training step of one transformer block in Python, as transformer.mjs does it."""
import time

import torch

from peer import options, serve

torch.set_num_threads(options["threads"])
torch.manual_seed(0)
width = options["width"]
block = torch.nn.TransformerEncoderLayer(
    width, options["heads"], dim_feedforward=4 * width, dropout=0, activation="gelu", batch_first=True, norm_first=True
)
optimizer = torch.optim.AdamW(block.parameters(), lr=1e-3, fused=True)
x = torch.randn(options["batch"], options["tokens"], width)
y = torch.randn(options["batch"], options["tokens"], width)


def measure(question):
    start = time.perf_counter()
    for _ in range(question["steps"]):
        loss = (block(x) - y).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        loss.item()
    return time.perf_counter() - start


serve(measure)
