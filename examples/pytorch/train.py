"""Trains a projector on GPUs or on a cluster, with torch.distributed, and writes the file that e2p-web runs.

    npx e2p rows --model my-model/ --users users.jsonl --data train.jsonl --out rows.jsonl --space podcasts-v3
    torchrun --nproc-per-node 2 train.py --model my-model-hf/ --users users.jsonl --rows rows.jsonl --out podcasts.safetensors

`e2p rows` writes the data as tokens, by the tokenizer, template and slot of the model that will be deployed; --model here is the same
model for transformers, a folder or a Hub id. Every process draws the same batches and takes its share of their rows, so the number of
processes changes nothing but rounding. All chance follows from the seed and the step: --resume goes on as if nothing had happened.
"""
import argparse
import math
import os
import sys
import time

import torch
import torch.distributed as dist
from torch.nn import functional as F

from base_model import BaseModel
from projector import Projector, load_projector, save_projector
from replay import Replay
from rows import Rows, Tokens

TEACHER_TOKENS = 16
# Less is left for all other tokens neither by teacher nor by model: keeps the logarithm finite.
LEAST_REST = 1e-4


def main() -> None:
    options = arguments()
    rank, world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
    cuda = torch.cuda.is_available()
    device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if cuda else torch.device("cpu")
    if cuda:
        torch.cuda.set_device(device)
    if world > 1:
        dist.init_process_group("nccl" if cuda else "gloo")
    if options.batch % world:
        sys.exit(f"--batch is {options.batch}, expected a multiple of the {world} processes")
    say = print if rank == 0 else lambda *_, **__: None

    rows = Rows(options.rows, options.users)
    looked = Rows(options.validation, options.users) if options.validation else None
    if options.distill and rows.teacher is None:
        sys.exit(f"{options.rows}: its rows have no teacher, expected a file made by e2p rows --teacher")
    model = BaseModel(options.model).to(device)
    torch.manual_seed(options.seed)
    projector = load_projector(options.init) if options.init else Projector(rows.contract, options.hidden)
    if options.init:
        check_same(projector.contract, rows.contract, options.init, options.rows)
    if looked:
        check_same(looked.contract, rows.contract, options.validation, options.rows)
    check_model(model, rows.contract)
    anchor_in(projector.to(device), model)
    replay = Replay(options.align, projector) if options.align else None
    optimiser = torch.optim.AdamW(parameter_groups(projector, options.weight_decay), lr=options.lr)
    taught, best, first = {}, {"loss": math.inf}, 0

    checkpoint, recipe = f"{options.out}.checkpoint", {k: v for k, v in vars(options).items() if k in RECIPE}
    if options.resume and os.path.exists(checkpoint):
        saved = torch.load(checkpoint, map_location=device)
        if saved["recipe"] != recipe:
            sys.exit(f"{checkpoint} is of other settings: {saved['recipe']}, now {recipe}")
        projector.load_state_dict(saved["projector"])
        optimiser.load_state_dict(saved["optimiser"])
        best, first = saved["best"], saved["step"]

    def look(step: int) -> None:
        """How held-out users fare; the best weights are kept."""
        nonlocal best
        loss = held_out_loss(model, projector, looked, options.batch, options.constant, rank, world, device)
        if loss < best["loss"]:
            best = {"loss": loss, "step": step, "projector": {k: v.clone() for k, v in projector.state_dict().items()}}
        say(f"step {step}/{options.steps}  held-out loss {loss:.6f}", flush=True)

    order = shuffled(len(rows), options.steps * options.batch, options.seed)
    started, nats, learned, read = time.time(), torch.zeros((), device=device), 0, 0
    if looked and first == 0:
        look(0)
    for step in range(first, options.steps):
        index = order[step * options.batch : (step + 1) * options.batch]
        x = noisy(rows.vectors[rows.user[index]], projector, options, step)
        # Of the whole batch up to here, so that a row has the same chance whoever takes it.
        share = slice(rank * len(index) // world, (rank + 1) * len(index) // world)
        batch = rows.tokens.batch(index[share], device)
        told = teach(model, rows.teacher, index[share], taught, device) if options.distill else None
        targets = int(rows.tokens.target[index].sum())
        loss = target_nats(model, batch, projector(x[share]), options.distill, told) / targets
        optimiser.zero_grad()
        loss.backward()
        if replay:
            (options.replay * replay.loss(projector, options.noise, chance_of(options, step), rank, world)).backward()
        # All that travels: the base model is frozen, and every process has it.
        for parameter in projector.parameters() if world > 1 else ():
            dist.all_reduce(parameter.grad)
        torch.nn.utils.clip_grad_norm_(projector.parameters(), 1.0)
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, options.steps, options.lr)
        optimiser.step()

        nats, learned, read = nats + loss.detach() * targets, learned + targets, read + batch.ids.numel() * world
        done = step + 1
        if done % options.say_every == 0 or done == options.steps:
            if world > 1:
                dist.all_reduce(nats)
            seconds = time.time() - started
            say(f"step {done}/{options.steps}  loss {nats.item() / learned:.6f}  {read / seconds:.0f} tokens/s", flush=True)
            started, nats, learned, read = time.time(), torch.zeros((), device=device), 0, 0
        if looked and (done % options.look_every == 0 or done == options.steps):
            look(done)
        if rank == 0 and done % options.checkpoint_every == 0:
            state = {"projector": projector.state_dict(), "optimiser": optimiser.state_dict()}
            torch.save({**state, "recipe": recipe, "best": best, "step": done}, f"{checkpoint}.part")
            os.replace(f"{checkpoint}.part", checkpoint)

    if rank == 0:
        training = {"steps": options.steps, "batch": options.batch, "seed": options.seed, "examples": len(rows)}
        if looked:
            projector.load_state_dict(best["projector"])
            training.update(heldOutLoss=best["loss"], bestStep=best["step"])
        if options.constant:  # Whoever the user: the norm gives out its bias.
            training["control"] = "constant"
            torch.nn.init.zeros_(projector.norm.weight)
        vectors = max(projector.contract["vectors"], rows.contract["vectors"])
        projector.contract = {**projector.contract, "vectors": vectors, "training": training}
        save_projector(options.out, projector)
        if os.path.exists(checkpoint):
            os.remove(checkpoint)
        print(f"wrote {options.out}")
    if world > 1:
        dist.destroy_process_group()


def logits(model, batch: Tokens, soft=None) -> torch.Tensor:
    """Of the positions before each target [targets, V], with soft tokens [batch, N, K, H] in their places."""
    x = model.embed(batch.ids)
    if soft is not None:
        index = batch.soft[..., None].clamp(min=0).expand(-1, -1, x.shape[-1])
        x = torch.where(batch.soft[..., None] >= 0, soft.flatten(1, 2).gather(1, index), x)
    return model(x, batch.target.roll(-1, 1))


def target_nats(model, batch: Tokens, soft, distill: float = 0.0, told=None) -> torch.Tensor:
    """Summed over targets: their negative log-likelihood, mixed with the cross-entropy to what a teacher would say there, of whom
    the likeliest tokens and their probabilities are known (all other tokens count as one)."""
    log_p = logits(model, batch, soft).log_softmax(-1)
    own = -log_p.gather(1, batch.ids[batch.target][:, None]).sum()
    if told is None:
        return own
    ids, q = told
    logs = log_p.gather(1, ids)
    rest = lambda shares: (1 - shares.sum(1)).clamp(min=LEAST_REST)
    return (1 - distill) * own - distill * ((q * logs).sum() + (rest(q) * rest(logs.exp()).log()).sum())


@torch.no_grad()
def teach(model, teacher: Tokens, index: torch.Tensor, taught: dict, device):
    """The same frozen model with the user told in words, once for each row: ids and probabilities [targets, k] of the rows."""
    new = [i for i in index.tolist() if i not in taught]
    if new:
        batch = teacher.batch(torch.tensor(new), device)
        top = logits(model, batch).softmax(-1).topk(TEACHER_TOKENS)
        counts = batch.target.sum(1).tolist()
        taught.update(zip(new, zip(top.indices.split(counts), top.values.split(counts))))
    ids, shares = zip(*(taught[i] for i in index.tolist()))
    return torch.cat(ids), torch.cat(shares)


def chance_of(options, step: int) -> int:
    return options.seed * 1_000_003 + step


def noisy(x: torch.Tensor, projector: Projector, options, step: int) -> torch.Tensor:
    """Vectors [batch, N, dim] with noise; some rows see the mean user instead."""
    chance = torch.Generator().manual_seed(chance_of(options, step))
    noise = options.noise * torch.randn(x.shape, generator=chance)
    dropped = torch.rand(len(x), 1, 1, generator=chance) < (1 if options.constant else options.prefix_dropout)
    mean, scale = projector.mean.cpu(), projector.scale.cpu()
    return torch.where(dropped, mean, x + noise * scale).to(projector.mean.device)


@torch.no_grad()
def held_out_loss(model, projector, rows: Rows, batch: int, constant: bool, rank: int, world: int, device) -> float:
    """Nats per target token, every process a share of the rows."""
    sums = torch.zeros(2, dtype=torch.float64, device=device)
    for index in torch.arange(rank, len(rows), world).split(max(1, batch // world)):
        tokens = rows.tokens.batch(index, device)
        x = rows.vectors[rows.user[index]].to(device)
        soft = projector(projector.mean.expand_as(x) if constant else x)
        sums += torch.stack([target_nats(model, tokens, soft).double(), tokens.target.sum().double()])
    if world > 1:
        dist.all_reduce(sums)
    return (sums[0] / sums[1]).item()


def shuffled(count: int, length: int, seed: int) -> torch.Tensor:
    """Every row once before any comes again."""
    chance = torch.Generator().manual_seed(seed)
    return torch.cat([torch.randperm(count, generator=chance) for _ in range(length // count + 1)])[:length]


def learning_rate(step: int, steps: int, peak: float) -> float:
    """Warm-up over 5 %, then half a cosine down to 5 %, as `e2p train`."""
    warm = math.ceil(0.05 * steps)
    if step < warm:
        return peak * (step + 1) / warm
    progress = min(1.0, (step - warm) / max(1, steps - 1 - warm))
    return peak * (0.05 + 0.95 * 0.5 * (1 + math.cos(math.pi * progress)))


def parameter_groups(projector: Projector, weight_decay: float = 0.01):
    """Norms, gains and biases are not decayed."""
    matrices = [p for p in projector.parameters() if p.dim() == 2]
    others = [p for p in projector.parameters() if p.dim() != 2]
    return [{"params": matrices, "weight_decay": weight_decay}, {"params": others, "weight_decay": 0.0}]


def anchor_in(projector: Projector, model) -> None:
    if hasattr(projector, "anchor"):
        projector.anchor.rows = model.embed(projector.anchor.ids.long())


def check_model(model, contract) -> None:
    found, expected = list(model.table.shape), [contract["model"]["vocabularySize"], contract["model"]["hiddenSize"]]
    if found != expected:
        sys.exit(f"the model's embedding table is {found}, the rows were made for {expected}")


def check_same(found: dict, expected: dict, file: str, rows: str) -> None:
    of = lambda contract: [contract["model"], contract["space"]["id"], contract["space"]["dim"], contract["tokens"], contract["slot"]]
    if of(found) != of(expected):
        sys.exit(f"{file} is for {of(found)}, {rows} for {of(expected)}")


# What a checkpoint has to agree on.
RECIPE = ("steps", "batch", "lr", "weight_decay", "noise", "prefix_dropout", "distill", "align", "replay", "hidden", "seed", "constant")


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("model", "users", "rows", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--init", help="a projector to go on from, anchored or not; default: a fresh one, not anchored")
    parser.add_argument("--validation", help="rows of other users, who tell which weights are kept")
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--batch", type=int, default=16, help="rows of all processes together")
    parser.add_argument("--lr", type=float, default=2e-3)
    parser.add_argument("--weight-decay", type=float, default=0.01)
    parser.add_argument("--noise", type=float, default=0.1)
    parser.add_argument("--prefix-dropout", type=float, default=0.1)
    parser.add_argument("--distill", type=float, default=0.0, help="share of the teacher in the loss, 0 to 1")
    parser.add_argument("--align", help="texts that the projector goes on pointing at the words of, from e2p rows --aligned")
    parser.add_argument("--replay", type=float, default=0.15, help="weight of that in the loss")
    parser.add_argument("--constant", action="store_true", help="the control: soft tokens that know no user")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--say-every", type=int, default=20)
    parser.add_argument("--look-every", type=int, default=50)
    parser.add_argument("--checkpoint-every", type=int, default=50)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint beside --out, if there is one")
    return parser.parse_args()


if __name__ == "__main__":
    main()
