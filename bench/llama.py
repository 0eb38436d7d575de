"""A small Llama in PyTorch, as lean as it gets, for `training-step.py` to be measured against: it reads its float32 weights out of the
`onnx/model.onnx` of a model folder (initializers named as by the onnxruntime-genai builder, matrices [in, out])."""
import json
import os

import numpy
import torch
from torch import nn
from torch.nn import functional as F


class Llama(nn.Module):
    """Frozen: RMSNorm, rotary positions, grouped-query attention, SwiGLU, head tied to the embedding table."""

    def __init__(self, folder: str):
        super().__init__()
        with open(os.path.join(folder, "config.json")) as file:
            c = json.load(file)
        self.layers, self.heads, self.kv_heads = c["num_hidden_layers"], c["num_attention_heads"], c["num_key_value_heads"]
        self.head_dim = c.get("head_dim") or c["hidden_size"] // self.heads
        self.epsilon = c["rms_norm_eps"]
        for name, value in read_initializers(os.path.join(folder, "onnx", "model.onnx")).items():
            self.register_buffer(name.replace(".", "_"), value)
        theta = c.get("rope_theta", 10000.0) ** (-torch.arange(0, self.head_dim, 2) / self.head_dim)
        angles = torch.arange(c["max_position_embeddings"])[:, None] * theta
        self.register_buffer("cos", angles.cos())
        self.register_buffer("sin", angles.sin())

    @property
    def table(self) -> torch.Tensor:
        return self.model_embed_tokens_weight

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        return self.table[ids]

    def forward(self, x: torch.Tensor, picked: torch.Tensor) -> torch.Tensor:
        """Embeddings [batch, length, H] and picked positions, a mask [batch, length] -> their logits [positions, V]."""
        batch, length, _ = x.shape
        mask = torch.ones(length, length, dtype=torch.bool, device=x.device).triu(1)
        for i in range(self.layers):
            w = lambda name: getattr(self, f"model_layers_{i}_{name}")
            h = self.norm(x, w("input_layernorm_weight"))
            project = lambda part, heads: (h @ w(f"attn_{part}_proj_MatMul_weight")).view(batch, length, heads, self.head_dim).transpose(1, 2)
            q, k = self.rotate(project("q", self.heads)), self.rotate(project("k", self.kv_heads))
            k, v = (t.repeat_interleave(self.heads // self.kv_heads, 1) for t in (k, project("v", self.kv_heads)))
            scores = (q @ k.transpose(2, 3) / self.head_dim**0.5).masked_fill(mask, -torch.inf)
            read = (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, length, -1)
            x = x + read @ w("attn_o_proj_MatMul_weight")
            h = self.norm(x, w("post_attention_layernorm_weight"))
            x = x + (F.silu(h @ w("mlp_gate_proj_MatMul_weight")) * (h @ w("mlp_up_proj_MatMul_weight"))) @ w("mlp_down_proj_MatMul_weight")
        return self.norm(x, getattr(self, f"model_layers_{self.layers}_final_norm_layernorm_weight"))[picked] @ self.table.T

    def norm(self, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return x * (x.square().mean(-1, keepdim=True) + self.epsilon).rsqrt() * weight

    def rotate(self, x: torch.Tensor) -> torch.Tensor:
        cos, sin = self.cos[: x.shape[2]], self.sin[: x.shape[2]]
        a, b = x.chunk(2, -1)
        return torch.cat([a * cos - b * sin, b * cos + a * sin], -1)


def read_initializers(path: str) -> "dict[str, torch.Tensor]":
    """Float32 initializers with inline data (ModelProto.graph = 7, GraphProto.initializer = 5; onnx.proto)."""
    with open(path, "rb") as file:
        model = file.read()
    found = {}
    for graph in (value for number, value in fields(model) if number == 7):
        for tensor in (value for number, value in fields(graph) if number == 5):
            parts = list(fields(tensor))
            dims = [n for number, value in parts if number == 1 for n in ([value] if isinstance(value, int) else varints(value))]
            part = {number: value for number, value in parts}
            if part.get(2) == 1 and 9 in part:
                values = numpy.frombuffer(part[9], dtype="<f4").copy()
                found[bytes(part[8]).decode()] = torch.from_numpy(values).reshape(dims)
    if "model.embed_tokens.weight" not in found:
        raise ValueError(f"{path}: no float32 tensor model.embed_tokens.weight, expected an export of the genai builder")
    return found


def fields(data):
    """Number and value of each field of a protobuf message: whole numbers, or the bytes of what has a length."""
    at, data = 0, memoryview(data)
    while at < len(data):
        key, at = varint(data, at)
        number, kind = key >> 3, key & 7
        if kind == 0:
            value, at = varint(data, at)
        elif kind == 2:
            size, at = varint(data, at)
            value, at = data[at : at + size], at + size
        else:
            size = {1: 8, 5: 4}[kind]
            value, at = data[at : at + size], at + size
        yield number, value


def varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        value, shift, at = value | (byte & 127) << shift, shift + 7, at + 1
        if byte < 128:
            return value, at


def varints(data):
    at = 0
    while at < len(data):
        value, at = varint(data, at)
        yield value
