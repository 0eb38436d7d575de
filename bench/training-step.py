"""The other side of `npm run bench training`: the same step in PyTorch. Reads a number of steps a line, answers with seconds for all but the first."""
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "examples", "pytorch"))
sys.dont_write_bytecode = True

import torch

from llama import Llama
from projector import Projector
from rows import Rows
from train import parameter_groups, target_nats

torch.set_num_threads(1)
folder, rows_file, users_file, batch, hidden = sys.argv[1:6]
rows = Rows(rows_file, users_file)
model = Llama(folder)
torch.manual_seed(1)
projector = Projector(rows.contract, int(hidden))
optimiser = torch.optim.AdamW(parameter_groups(projector), lr=2e-3)
at = 0


def step():
    global at
    index = torch.arange(at, at + int(batch)) % len(rows)
    at += int(batch)
    picked = rows.tokens.batch(index, "cpu")
    loss = target_nats(model, picked, projector(rows.vectors[rows.user[index]])) / picked.target.sum()
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(projector.parameters(), 1.0)
    optimiser.step()
    return loss.item()


print("ready", torch.__version__, flush=True)
for line in sys.stdin:
    step()
    started = time.perf_counter()
    for _ in range(int(line) - 1):
        loss = step()
    print(time.perf_counter() - started, loss, flush=True)
