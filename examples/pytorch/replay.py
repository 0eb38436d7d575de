"""Alignment, replayed beside training: an anchored projector goes on pointing from the vectors of texts ("I love pottery.") at their
words in the vocabulary, so that words which no row holds are not forgotten. The base model does not run for it."""
import sys

import torch

from projector import Projector, cosines, read_safetensors

TEXTS = 256


class Replay:
    def __init__(self, path: str, projector: Projector):
        """Reads what `e2p rows --aligned` wrote: vectors [texts, dim], and the token ids of each one's words, -1 where there are fewer;
        behind the vocabulary stand the phrases."""
        if not hasattr(projector, "anchor"):
            sys.exit(f"{path}: the projector is not anchored, so it has no words to point at")
        tensors, _ = read_safetensors(path)
        anchors, words, device = projector.anchor.ids.long(), tensors["words"].long(), projector.mean.device
        phrases = 0 if projector.anchor.phrases is None else len(projector.anchor.phrases)
        vocabulary = projector.contract["model"]["vocabularySize"]
        anchor_of = torch.full((vocabulary + phrases,), -1)
        anchor_of[anchors.cpu()] = torch.arange(len(anchors))
        anchor_of[vocabulary:] = len(anchors) + torch.arange(phrases)
        at = torch.where(words < 0, -1, anchor_of[words.clamp(min=0)])
        kept = (at >= 0).any(1)
        self.vectors, at = tensors["vectors"][kept], at[kept]
        # Told apart from all words that any text points at.
        used = at[at >= 0].unique()
        self.used, self.is_word = used.to(device), (at >= 0)
        self.target = torch.searchsorted(used, at.clamp(min=0)).clamp(max=len(used) - 1)

    def loss(self, projector: Projector, noise: float, seed: int, rank: int, world: int) -> torch.Tensor:
        """This process's part of the mean over a random batch of texts, in nats."""
        chance, device = torch.Generator().manual_seed(seed), projector.mean.device
        index = torch.randint(len(self.vectors), (TEXTS,), generator=chance)
        x = self.vectors[index].to(device) + noise * torch.randn(TEXTS, self.vectors.shape[1], generator=chance).to(device) * projector.scale
        share = slice(rank, None, world)
        target, is_word = self.target[index[share]].to(device), self.is_word[index[share]].to(device)
        anchor = projector.anchor
        keys = (anchor.rows if anchor.keys is None else anchor.keys)[self.used]
        log_p = (projector.sharpness.exp() * cosines(projector.free(x[share]), keys)).log_softmax(-1)
        told = log_p.gather(-1, target[:, None].expand(-1, projector.tokens, -1))
        weights = is_word / is_word.sum(1, keepdim=True)
        return -(told * weights[:, None]).sum() / (TEXTS * projector.tokens)
