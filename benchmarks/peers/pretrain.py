"""Pre-trains as one of the contenders for some steps, and prints a line of JSON after each."""
import json
import sys
import warnings

import torch
from safetensors.torch import load_file

import networks
from contenders import CONTENDERS

warnings.filterwarnings("ignore")
options = json.loads(sys.argv[1])
torch.set_num_threads(options["threads"])
torch.set_flush_denormal(True)
torch.manual_seed(options["seed"])

images = load_file(options["images"])["images"]
network, head, batches, loss_of = CONTENDERS[options["contender"]](images, options)
networks.begin_with(options["weights"], network, head)
parameters = [*network.parameters(), *head.parameters()]
fused = {"fused": True} if options["contender"] in ("optimised", "compiled") else {}
optimizer = torch.optim.SGD(
    [
        {"params": [p for p in parameters if p.ndim > 1], "weight_decay": 5e-4},
        {"params": [p for p in parameters if p.ndim <= 1], "weight_decay": 0},
    ],
    lr=options["lr"], momentum=0.9, nesterov=True, **fused,
)
for step, (a, b) in zip(range(options["steps"]), batches):
    loss = loss_of(a, b)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(json.dumps({"loss": loss.item()}), flush=True)
