"""The frozen base model: any causal LM of Hugging Face transformers, from a folder or by its Hub id."""
import torch
from torch import nn


class BaseModel(nn.Module):
    """Float32; on a GPU its products are bfloat16 (autocast). `embed` and `forward` meet behind the factor that some models (Gemma)
    put on their token embeddings, which is where e2p-web puts soft tokens in."""

    def __init__(self, name: str):
        super().__init__()
        from transformers import AutoModelForCausalLM

        self.causal = AutoModelForCausalLM.from_pretrained(name).float().eval().requires_grad_(False)
        self.lookup = self.causal.get_input_embeddings()
        self.picked = None
        # Some classes name no base model, or the whole.
        body = self.causal.base_model
        (self.causal.get_decoder() if body is self.causal else body).register_forward_hook(self.pick)
        # Some models scale `inputs_embeds`, in others the lookup has done so: measured at the input of the first layer, for two tokens.
        with torch.no_grad():
            x = self.lookup(torch.tensor([[1], [2]]))
            first = self.causal(inputs_embeds=x, use_cache=False, output_hidden_states=True).hidden_states[0]
            self.factor = ((first[0] - first[1]).norm() / (x[0] - x[1]).norm()).item()

    @property
    def table(self) -> torch.Tensor:
        return self.lookup.weight

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        return self.lookup(ids) * self.factor

    def forward(self, x: torch.Tensor, picked: torch.Tensor) -> torch.Tensor:
        """Embeddings [batch, L, H] and picked positions, a mask [batch, L] -> logits [positions, V], float32."""
        self.picked = picked
        try:
            with torch.autocast("cuda", torch.bfloat16, enabled=x.is_cuda):
                return self.causal(inputs_embeds=x / self.factor, use_cache=False).logits[0].float()
        finally:
            self.picked = None

    def pick(self, _module, _inputs, output) -> None:
        """Only picked positions go on to the head: its logits are what needs most memory."""
        if self.picked is not None:
            output.last_hidden_state = output.last_hidden_state[self.picked][None]
