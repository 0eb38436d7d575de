"""The projector of e2p-web as a PyTorch module, and its file.

A projector file is a safetensors file: a plain state_dict, and under the metadata entry "e2p" the contract (JSON) that says which
base model and which embedding space it belongs to. Whatever trains these tensors, e2p-web can run them.

    x = (embedding - mean) / scale
    y = fc2(gelu(fc1(norm(x))))                         [K*H]; with hidden = 0 just fc2(norm(x))
    soft_k = y_k / rms(y_k) * output_rms * gain_k       K vectors [H]
"""
import json
import struct

import numpy
import torch
from torch import nn


class Projector(nn.Module):
    def __init__(self, contract: dict, hidden: int):
        super().__init__()
        space, self.contract = contract["space"], contract
        self.tokens, self.size = contract["tokens"], contract["model"]["hiddenSize"]
        self.norm = nn.LayerNorm(space["dim"])
        if hidden > 0:
            self.fc1 = nn.Linear(space["dim"], hidden)
        self.fc2 = nn.Linear(hidden or space["dim"], self.tokens * self.size)
        self.gain = nn.Parameter(torch.ones(self.tokens))
        # Not parts of the state_dict: they stand in the contract.
        self.register_buffer("mean", torch.tensor(space["mean"]), persistent=False)
        self.register_buffer("scale", torch.tensor(space["scale"]), persistent=False)

    def forward(self, embeddings: torch.Tensor) -> torch.Tensor:
        """User embeddings [batch, dim] -> soft tokens [batch, K, H]."""
        x = self.norm((embeddings - self.mean) / self.scale)
        x = nn.functional.gelu(self.fc1(x)) if hasattr(self, "fc1") else x
        y = self.fc2(x).view(-1, self.tokens, self.size)
        rms = (y.square().mean(-1, keepdim=True) + 1e-5).sqrt()
        return y / rms * self.contract["outputRms"] * self.gain[None, :, None]


def load_projector(path: str) -> Projector:
    tensors, metadata = read_safetensors(path)
    hidden = tensors["fc1.weight"].shape[0] if "fc1.weight" in tensors else 0
    projector = Projector(json.loads(metadata["e2p"]), hidden)
    projector.load_state_dict(tensors)
    return projector


def save_projector(path: str, projector: Projector) -> None:
    metadata = {"format": "pt", "e2p": json.dumps(projector.contract)}
    write_safetensors(path, projector.state_dict(), metadata)


def read_safetensors(path: str) -> "tuple[dict[str, torch.Tensor], dict[str, str]]":
    """float32 tensors and metadata; the `safetensors` package does the same, this needs nothing but PyTorch."""
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header, data = json.loads(file.read(length)), file.read()
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, entry in header.items():
        if entry["dtype"] != "F32":
            raise ValueError(f"{path}: tensor {name} has dtype {entry['dtype']}, expected F32")
        start, end = entry["data_offsets"]
        values = numpy.frombuffer(data[start:end], dtype="<f4").copy()
        tensors[name] = torch.from_numpy(values).reshape(entry["shape"])
    return tensors, metadata


def write_safetensors(path: str, tensors: "dict[str, torch.Tensor]", metadata: "dict[str, str]") -> None:
    header, blocks, offset = {"__metadata__": metadata}, [], 0
    for name, tensor in tensors.items():
        values = tensor.detach().cpu().contiguous().numpy().astype("<f4").tobytes()
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [offset, offset + len(values)]}
        blocks.append(values)
        offset += len(values)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(blocks))
