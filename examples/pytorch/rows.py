"""What `e2p rows` wrote, as tensors: token rows, where in them soft tokens stand, teachers' rows, and the users' vectors.

A row never changes, so all of them are padded once; a batch is a slice of these tensors, cut to a multiple of 32 tokens so that a
GPU sees few shapes. Padding stands on the right, where no target looks.
"""
import json
import sys
from dataclasses import dataclass
from typing import Optional

import torch
from torch.nn.utils.rnn import pad_sequence

from projector import read_safetensors


@dataclass
class Tokens:
    """ids [R, L]; target [R, L]: which of them are learned; soft [R, L]: which of the user's n*K soft tokens stands there, -1: none."""

    ids: torch.Tensor
    target: torch.Tensor
    soft: torch.Tensor

    def batch(self, index: torch.Tensor, device) -> "Tokens":
        target = self.target[index]
        length = (target.any(0).nonzero().max().item() // 32 + 1) * 32
        cut = lambda part: part[:, :length].to(device)
        return Tokens(cut(self.ids[index]).long(), cut(target), cut(self.soft[index]).long())


class Rows:
    def __init__(self, path: str, users: str):
        with open(path) as file:
            first, *rows = [json.loads(line) for line in file if line.strip()] or [{}]
        if "contract" not in first:
            sys.exit(f"{path}: the first line has no contract, expected a file made by e2p rows")
        if not rows:
            sys.exit(f"{path}: no rows, expected at least one")
        self.contract, self.tokens = first["contract"], tokens_of(rows)
        has_teacher = all("teacher" in row for row in rows)
        self.teacher: Optional[Tokens] = tokens_of([row["teacher"] for row in rows]) if has_teacher else None
        sets = read_users(users, {row["user"] for row in rows})
        place = {user: i for i, user in enumerate(sets)}
        self.user = torch.tensor([place[row["user"]] for row in rows])
        # [users, N, dim]; what fills a smaller set up stands nowhere in a row.
        self.vectors = pad_sequence(list(sets.values()), batch_first=True)

    def __len__(self) -> int:
        return len(self.user)


def tokens_of(rows: "list[dict]") -> Tokens:
    ids, target, soft = [], [], []
    for row in rows:
        length = len(row["ids"])
        ids.append(torch.tensor(row["ids"], dtype=torch.int32))
        target.append(torch.arange(length) >= row["targetFrom"])
        places = torch.full((length,), -1, dtype=torch.int16)
        for n, at in enumerate(row.get("softPositions", [])):
            places[at] = row["softIndices"][n] if "softIndices" in row else n
        soft.append(places)
    pad = lambda parts, value: torch.nn.functional.pad(pad_sequence(parts, True, value), (0, 31), value=value)
    return Tokens(pad(ids, 0), pad(target, False), pad(soft, -1))


def read_users(path: str, wanted: "set[str]") -> "dict[str, torch.Tensor]":
    """Vectors [n, dim] of each user, each once and in the order of e2p-web, which the rows count by."""
    if path.endswith(".safetensors"):
        tensors, metadata = read_safetensors(path)
        matrix = tensors["embeddings"]
        names = json.loads(metadata["users"]) if "users" in metadata else [str(i) for i in range(len(matrix))]
        return {name: vector[None] for name, vector in zip(names, matrix) if name in wanted}
    sets = {}
    with open(path) as file:
        for line in map(json.loads, filter(str.strip, file)):
            if line["user"] not in wanted:
                continue
            if "lines" in line:
                sys.exit(f"{path}: users have lines of text, expected the vectors that e2p rows --encoded writes")
            vectors = line["embeddings"] if "embeddings" in line else [line["embedding"]]
            sets[line["user"]] = torch.tensor(vectors, dtype=torch.float32).unique(dim=0)
    missing = wanted - sets.keys()
    if missing:
        sys.exit(f"{path}: {len(missing)} users of the rows are not there")
    return sets
