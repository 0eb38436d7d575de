"""Trains a projector on GPUs or on a cluster, with PyTorch's own distributed engine, and writes the file that e2p-web runs.

    npx e2p rows --model my-model/ --users users.jsonl --data train.jsonl --out rows.jsonl --space podcasts-v3
    torchrun --nproc-per-node 2 train.py --model my-model/ --users users.jsonl --rows rows.jsonl --out podcasts.safetensors

`e2p rows` writes the data as tokens, by the tokenizer, template and slot of the model that will be deployed. The base model is a Hub id or a
folder: Hugging Face transformers reads it where that is installed, else `llama.py` reads the folder's own `onnx/model.onnx`.

Every process sees the same batches and takes its share of their rows, so the number of processes changes nothing but rounding.
"""
import argparse
import json
import math
import os
import sys
import time

import torch
import torch.distributed as dist
from torch.nn import functional as F
from torch.nn.parallel import DistributedDataParallel

from projector import Projector, save_projector


def main() -> None:
    options = arguments()
    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    cuda = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if cuda else torch.device("cpu")
    if world > 1:
        dist.init_process_group("nccl" if cuda else "gloo")
    if options.batch % world:
        sys.exit(f"--batch is {options.batch}, expected a multiple of the {world} processes")

    contract, rows = read_rows(options.rows)
    users = read_users(options.users)
    model = load_model(options.model).to(device)
    check_model(model, contract)
    torch.manual_seed(options.seed)
    projector = Projector(contract, options.hidden).to(device)
    trained = DistributedDataParallel(projector) if world > 1 else projector
    optimiser = torch.optim.AdamW(parameter_groups(projector), lr=options.lr)
    mean, scale = projector.mean, projector.scale

    started = time.time()
    for step in range(options.steps):
        chance = torch.Generator().manual_seed(options.seed * 1_000_003 + step)
        batch = [rows[i] for i in torch.randint(len(rows), (options.batch,), generator=chance)]
        # Noise and prefix dropout of the whole batch, so that a row has the same whoever takes it.
        x = torch.stack([users[row["user"]] for row in batch])
        noise = options.noise * torch.randn(x.shape, generator=chance)
        mine = x.to(device) + noise.to(device) * scale
        dropped = torch.rand(len(batch), 1, generator=chance).to(device) < options.prefix_dropout
        mine = torch.where(dropped, mean, mine)

        share = slice(rank * len(batch) // world, (rank + 1) * len(batch) // world)
        targets = sum(len(row["ids"]) - row["targetFrom"] for row in batch)
        # DistributedDataParallel averages gradients: the sum over processes is the mean times their number.
        loss = target_nats(model, batch[share], trained(mine[share])) / targets * world
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(projector.parameters(), 1.0)
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, options.steps, options.lr)
        optimiser.step()
        if step % 20 == 0 or step == options.steps - 1:
            total = loss.detach() / world
            if world > 1:
                dist.all_reduce(total)
            if rank == 0:
                print(f"step {step + 1}/{options.steps}  loss {total.item():.6f}  {time.time() - started:.1f} s", flush=True)

    if rank == 0:
        contract["training"] = {"steps": options.steps, "batch": options.batch, "seed": options.seed, "examples": len(rows)}
        save_projector(options.out, projector)
        print(f"wrote {options.out}")
    if world > 1:
        dist.destroy_process_group()


def target_nats(model, rows, soft: torch.Tensor) -> torch.Tensor:
    """Summed negative log-likelihood of the targets, soft tokens [batch, K, H] in their places."""
    length = max(len(row["ids"]) for row in rows)
    ids = torch.zeros(len(rows), length, dtype=torch.long)
    is_target = torch.zeros(len(rows), length, dtype=torch.bool)
    places = torch.zeros(len(rows), soft.shape[1], length)
    for b, row in enumerate(rows):
        ids[b, : len(row["ids"])] = torch.tensor(row["ids"])
        is_target[b, row["targetFrom"] : len(row["ids"])] = True
        for at, k in zip(row["softPositions"], row.get("softIndices", range(soft.shape[1]))):
            places[b, k, at] = 1
    ids, is_target, places = ids.to(soft.device), is_target.to(soft.device), places.to(soft.device).transpose(1, 2)
    embeddings = model.embed(ids) * (1 - places.sum(-1, keepdim=True)) + places @ soft
    hidden = model(embeddings)[:, :-1][is_target[:, 1:]]
    return F.cross_entropy(model.logits(hidden).float(), ids[:, 1:][is_target[:, 1:]], reduction="sum")


def learning_rate(step: int, steps: int, peak: float) -> float:
    """Warm-up over 5 %, then half a cosine down to 5 %, as `e2p train`."""
    warm = math.ceil(0.05 * steps)
    if step < warm:
        return peak * (step + 1) / warm
    progress = min(1.0, (step - warm) / max(1, steps - 1 - warm))
    return peak * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * progress)))


def parameter_groups(projector: Projector):
    """Norms, gains and biases are not decayed."""
    matrices = [p for p in projector.parameters() if p.dim() == 2]
    others = [p for p in projector.parameters() if p.dim() != 2]
    return [{"params": matrices, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}]


def load_model(name: str):
    try:
        from transformers import AutoModelForCausalLM
    except ImportError:
        from llama import Llama

        return Llama(name)
    return HubModel(AutoModelForCausalLM.from_pretrained(name))


class HubModel(torch.nn.Module):
    """A model of Hugging Face transformers in the same three parts."""

    def __init__(self, causal):
        super().__init__()
        self.causal = causal.eval().requires_grad_(False)

    @property
    def table(self):
        return self.causal.get_input_embeddings().weight

    def embed(self, ids):
        return self.causal.get_input_embeddings()(ids)

    def forward(self, x):
        return self.causal.base_model(inputs_embeds=x.to(self.table.dtype), use_cache=False).last_hidden_state

    def logits(self, hidden):
        return self.causal.get_output_embeddings()(hidden)


def check_model(model, contract) -> None:
    expected = [contract["model"]["vocabularySize"], contract["model"]["hiddenSize"]]
    if list(model.table.shape) != expected:
        sys.exit(f"the model's embedding table is {list(model.table.shape)}, the rows were made for {expected}")


def read_rows(path: str):
    with open(path) as file:
        lines = [json.loads(line) for line in file if line.strip()]
    if not lines or "contract" not in lines[0]:
        sys.exit(f"{path}: the first line has no contract, expected a file made by e2p rows")
    if lines[0]["contract"].get("vectors", 1) > 1:
        sys.exit(f"{path}: its users are sets of vectors, which this example does not train; e2p train does")
    return lines[0]["contract"], lines[1:]


def read_users(path: str) -> "dict[str, torch.Tensor]":
    with open(path) as file:
        lines = (json.loads(line) for line in file if line.strip())
        return {line["user"]: torch.tensor(line["embedding"], dtype=torch.float32) for line in lines}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "users", "rows", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--noise", type=float, default=0.1)
    parser.add_argument("--prefix-dropout", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
