"""The projector of e2p-web as a PyTorch module, and its file.

A projector file is a safetensors file: a plain state_dict, and under the metadata entry "e2p" the contract (JSON) that says which
base model and which embedding space it belongs to. Whatever trains these tensors, e2p-web can run them.

    n = norm((embedding - mean) / scale)
    y = fc2(gelu(fc1(n)))                               [K*D]; with hidden = 0 just fc2(n); where residual + skip(n)
    t_k = y_k, or where anchored sum_a p_a E_a with p = softmax_a(exp(sharpness) * cos(y_k, key_a))
    soft_k = t_k / rms(t_k) * output_rms * gain_k       K vectors [H] for each vector of a user

Where the key of a phrase (a word of several tokens) is the nearest, e2p-web says its tokens instead. Here the mixture of words is
trained, and phrases only in replayed alignment.
"""
import json
import struct
from typing import Optional

import numpy
import torch
from torch import nn


class Projector(nn.Module):
    def __init__(self, contract: dict, hidden: int, residual: bool = False, anchors: Optional["Anchors"] = None):
        super().__init__()
        space, self.contract = contract["space"], contract
        self.tokens, self.size = contract["tokens"], contract["model"]["hiddenSize"]
        outputs = self.tokens * (self.size if anchors is None or anchors.keys is None else anchors.keys.shape[1])
        self.norm = nn.LayerNorm(space["dim"])
        if hidden > 0:
            self.fc1 = nn.Linear(space["dim"], hidden)
        self.fc2 = nn.Linear(hidden or space["dim"], outputs)
        if residual:
            self.skip = nn.Linear(space["dim"], outputs, bias=False)
        self.gain = nn.Parameter(torch.ones(self.tokens))
        if anchors is not None:
            self.anchor, self.sharpness = anchors, nn.Parameter(torch.tensor([50.0]).log())
        # Not parts of the state_dict: they stand in the contract.
        self.register_buffer("mean", torch.tensor(space["mean"]), persistent=False)
        self.register_buffer("scale", torch.tensor(space["scale"]), persistent=False)

    def forward(self, embeddings: torch.Tensor) -> torch.Tensor:
        """User embeddings [..., dim] -> soft tokens [..., K, H]."""
        y = self.free(embeddings)
        if hasattr(self, "anchor"):
            y = self.anchor(y, self.sharpness.exp())
        rms = (y.square().mean(-1, keepdim=True) + 1e-5).sqrt()
        return y / rms * self.contract["outputRms"] * self.gain[:, None]

    def free(self, embeddings: torch.Tensor) -> torch.Tensor:
        """What the layers give out, before it is anchored and scaled: [..., K, D]."""
        x = self.norm((embeddings - self.mean) / self.scale)
        y = self.fc2(nn.functional.gelu(self.fc1(x)) if hasattr(self, "fc1") else x)
        if hasattr(self, "skip"):
            y = y + self.skip(x)
        return y.view(*y.shape[:-1], self.tokens, -1)


class Anchors(nn.Module):
    """Words of the base model's vocabulary, which a soft token is a mixture of, and B phrases; keys [A + B, D] are what they
    are found by."""

    def __init__(self, ids: torch.Tensor, keys: Optional[torch.Tensor], phrases: Optional[torch.Tensor] = None):
        super().__init__()
        self.register_buffer("ids", ids)
        self.register_buffer("keys", keys)
        self.register_buffer("phrases", phrases)
        # Their embeddings [A, H] are the base model's, not in the file: set these before the first use.
        self.register_buffer("rows", None, persistent=False)

    def forward(self, y: torch.Tensor, sharpness: torch.Tensor) -> torch.Tensor:
        keys = self.rows if self.keys is None else self.keys[: len(self.ids)]
        return (sharpness * cosines(y, keys)).softmax(-1) @ self.rows


def cosines(y: torch.Tensor, keys: torch.Tensor) -> torch.Tensor:
    """[..., D] and [A, D] -> [..., A]"""
    unit = lambda v: v / (v.square().sum(-1, keepdim=True) + 1e-12).sqrt()
    return unit(y) @ unit(keys).T


def load_projector(path: str) -> Projector:
    tensors, metadata = read_safetensors(path)
    hidden = tensors["fc1.weight"].shape[0] if "fc1.weight" in tensors else 0
    anchors = None
    if "anchor.ids" in tensors:
        anchors = Anchors(*(tensors.get(f"anchor.{name}") for name in ("ids", "keys", "phrases")))
    projector = Projector(json.loads(metadata["e2p"]), hidden, "skip.weight" in tensors, anchors)
    projector.load_state_dict(tensors)
    return projector


def save_projector(path: str, projector: Projector) -> None:
    metadata = {"format": "pt", "e2p": json.dumps(projector.contract)}
    tensors = projector.state_dict()
    if "anchor.keys" in tensors:  # Only their directions count: each row as whole numbers up to 127.
        keys = tensors["anchor.keys"]
        tensors["anchor.keys"] = (keys / keys.abs().amax(-1, keepdim=True).clamp_min(1e-12) * 127).round()
    write_safetensors(path, tensors, metadata, bytewise={"anchor.keys"})


TYPES = {"F32": "<f4", "F16": "<f2", "I8": "i1"}


def read_safetensors(path: str) -> "tuple[dict[str, torch.Tensor], dict[str, str]]":
    """Tensors, as float32, and metadata; the `safetensors` package does the same, this needs nothing but PyTorch."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(length)), file.read()
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] not in TYPES:
            raise ValueError(f"{path}: tensor {name} has dtype {entry['dtype']}, expected F32, F16 or I8")
        start, end = entry["data_offsets"]
        values = numpy.frombuffer(data[start:end], dtype=TYPES[entry["dtype"]]).astype("<f4")
        tensors[name] = torch.from_numpy(values).reshape(entry["shape"])
    return tensors, metadata


def write_safetensors(path: str, tensors: "dict[str, torch.Tensor]", metadata: "dict[str, str]", bytewise=()) -> None:
    header, blocks, offset = {"__metadata__": metadata}, [], 0
    for name, tensor in tensors.items():
        dtype = "I8" if name in bytewise else "F32"
        values = tensor.detach().cpu().contiguous().numpy().astype(TYPES[dtype]).tobytes()
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [offset, offset + len(values)]}
        blocks.append(values)
        offset += len(values)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blocks))
