"""The other side of `npm run bench training -- --model … --pytorch …`: the same step through transformers. A line asks for a step, JSON answers."""
import json
import os
import resource
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "examples", "pytorch"))
sys.dont_write_bytecode = True

import torch
import transformers
from torch.nn import functional as F

from projector import Projector

torch.set_num_threads(1)
folder, rows_file, users_file, batch, hidden = sys.argv[1:6]
with open(rows_file) as file:
    head, *rows = map(json.loads, file)
with open(users_file) as file:
    users = {line["user"]: torch.tensor(line["embedding"]) for line in map(json.loads, file)}
model = transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa")
model = model.eval().requires_grad_(False)
projector = Projector(head["contract"], int(hidden))
matrices = [p for p in projector.parameters() if p.dim() == 2]
others = [p for p in projector.parameters() if p.dim() != 2]
optimiser = torch.optim.AdamW(
    [{"params": matrices, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}], lr=2e-3
)
at = 0


def step():
    global at
    picked = [rows[(at + i) % len(rows)] for i in range(int(batch))]
    at += len(picked)
    ids = torch.tensor([row["ids"] for row in picked])
    # All rows have one length, one soft token and as many targets.
    (place,), start = picked[0]["softPositions"], picked[0]["targetFrom"]
    soft = projector(torch.stack([users[row["user"]] for row in picked]))
    embeddings = model.get_input_embeddings()(ids)
    embeddings = torch.cat([embeddings[:, :place], soft, embeddings[:, place + 1 :]], dim=1)
    states = model.base_model(inputs_embeds=embeddings, use_cache=False).last_hidden_state
    logits = model.get_output_embeddings()(states[:, start - 1 : -1])
    loss = F.cross_entropy(logits.flatten(0, 1), ids[:, start:].flatten())
    optimiser.zero_grad()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(projector.parameters(), 1.0)
    optimiser.step()
    return loss.item()


print(json.dumps({"ready": f"PyTorch {torch.__version__}, transformers {transformers.__version__}"}), flush=True)
for _ in sys.stdin:
    started, cpu = time.perf_counter(), time.process_time()
    loss = step()
    answer = {
        "seconds": time.perf_counter() - started,
        "cpuSeconds": time.process_time() - cpu,
        "loss": loss,
        "peakBytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    }
    print(json.dumps(answer), flush=True)
