"""The trained network without transformers: the same weights and arithmetic, for a quick start and a key-value cache.

A Llama decoder (RMSNorm, rotary positions, SwiGLU; arXiv 2302.13971) whose input part attends in both directions. One sample at a
time. A test holds it to `Vlsm`'s numbers. Not covered: other language models, training.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from gdt2usd.vlsm.model import REFERENCES, VlsmConfig
from gdt2usd.vlsm.processor import NAME_PIECES, Encoded
from gdt2usd.vlsm.script_tokens import FIRST_OBJECT, MAX_OBJECTS, TOKENS

_LM = "language_model.model."


class LeanVlsm:
    """`state` are `Vlsm`'s tensors by name. Call `read` once, then `next` per token."""

    def __init__(self, state: dict[str, Tensor], config: VlsmConfig) -> None:
        self.config = config
        self.state = {name: tensor.float() for name, tensor in state.items()}
        self.embedding = self.state[f"{_LM}embed_tokens.weight"]
        self.head_width = config.d_model // config.heads
        self.keys: list[Tensor] = []
        self.values: list[Tensor] = []
        self.used = 0
        self.recent: Tensor = torch.zeros(0)
        self.prefix_states: Tensor = torch.zeros(0)
        self.prefix_tokens: Tensor = torch.zeros(0)
        exponent = torch.arange(0, self.head_width, 2).float() / self.head_width
        self.frequencies = 1.0 / (float(config.options.get("rope_theta", 10000.0)) ** exponent)

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return F.linear(x, self.state[f"{name}.weight"], self.state.get(f"{name}.bias"))

    def _norm(self, x: Tensor, name: str) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.state[f"{name}.weight"]

    def _embed(self, encoded: Encoded, visual: dict[int, Tensor]) -> Tensor:
        tokens = torch.tensor(encoded.tokens)
        x = self.embedding[tokens]  # (P, d)
        boxes = torch.tensor(encoded.boxes)
        octaves = 2.0 ** torch.arange(4) * torch.pi
        waves = boxes[..., None] * octaves
        has_box = (boxes.abs().sum(-1, keepdim=True) > 0).float()
        x = x + self._linear(torch.cat([waves.sin(), waves.cos()], -1).flatten(1), "box_embedding") * has_box
        names = torch.zeros(len(tokens), self.config.d_model)
        for at, pieces in enumerate(encoded.names):
            if pieces:
                names[at] = self.state["name_embedding.weight"][torch.tensor(pieces[:NAME_PIECES])].mean(0)
        features = torch.tensor(encoded.features)
        x = (
            x
            + names
            + self.state["magnitude_embedding.weight"][features[:, 0]]
            + self.state["unit_embedding.weight"][features[:, 1]]
        )
        for at, feature in visual.items():
            x[at] += feature
        return x

    def _smear(self, x: Tensor) -> Tensor:
        """Short causal convolution over (3 earlier + n) embeddings -> n."""
        weight, bias = self.state["smear.weight"], self.state["smear.bias"]
        return F.conv1d(x.T[None], weight, bias, groups=x.shape[1])[0].T

    def _rotate(self, x: Tensor, start: int) -> Tensor:
        """Rotary positions on (heads, n, width)."""
        angles = torch.arange(start, start + x.shape[1])[:, None] * self.frequencies  # (n, width / 2)
        cos, sin = torch.cat([angles.cos()] * 2, -1), torch.cat([angles.sin()] * 2, -1)
        half = x.shape[-1] // 2
        turned = torch.cat([-x[..., half:], x[..., :half]], -1)
        return x * cos + turned * sin

    def _heads(self, x: Tensor) -> Tensor:
        return x.view(x.shape[0], self.config.heads, self.head_width).transpose(0, 1)

    def _forward(self, x: Tensor) -> Tensor:
        """(n, d) new embeddings -> (n, d) last hidden states; each sees all before and all of `x`."""
        n, start = x.shape[0], self.used
        for i in range(self.config.layers):
            name = f"{_LM}layers.{i}."
            y = self._norm(x, f"{name}input_layernorm")
            q = self._rotate(self._heads(self._linear(y, f"{name}self_attn.q_proj")), start)
            self.keys[i][:, start : start + n] = self._rotate(self._heads(self._linear(y, f"{name}self_attn.k_proj")), start)
            self.values[i][:, start : start + n] = self._heads(self._linear(y, f"{name}self_attn.v_proj"))
            k, v = self.keys[i][:, : start + n], self.values[i][:, : start + n]
            scores = q @ k.transpose(1, 2) / math.sqrt(self.head_width)
            mixed = (scores.softmax(-1) @ v).transpose(0, 1).reshape(n, -1)
            x = x + self._linear(mixed, f"{name}self_attn.o_proj")
            y = self._norm(x, f"{name}post_attention_layernorm")
            gate = F.silu(self._linear(y, f"{name}mlp.gate_proj"))
            x = x + self._linear(gate * self._linear(y, f"{name}mlp.up_proj"), f"{name}mlp.down_proj")
        self.used = start + n
        return self._norm(x, f"{_LM}norm")

    @torch.inference_mode()
    def read(self, encoded: Encoded, visual: dict[int, Tensor] | None = None, room: int = 512) -> Tensor:
        """Read the input; logits (script vocabulary,) of the first token. `room` is the most tokens that will be written."""
        x = self._embed(encoded, visual or {})
        d, p = self.config.d_model, len(encoded.tokens)
        shape = (self.config.heads, p + room, self.head_width)
        self.keys = [torch.zeros(shape) for _ in range(self.config.layers)]
        self.values = [torch.zeros(shape) for _ in range(self.config.layers)]
        self.used = 0
        padded = torch.cat([torch.zeros(3, d), x])
        self.recent = padded[-3:]
        self.prefix_states = self._forward(x + self._smear(padded))
        self.prefix_tokens = torch.tensor(encoded.tokens)
        self.pointer_keys = self._linear(self.prefix_states, "pointer_key")
        return self._logits(self.prefix_states[-1:])

    @torch.inference_mode()
    def next(self, token: int) -> Tensor:
        """Append `token`; logits of the one after it."""
        x = self.embedding[token][None]
        window = torch.cat([self.recent, x])
        self.recent = window[-3:]
        return self._logits(self._forward(x + self._smear(window)))

    def _logits(self, state: Tensor) -> Tensor:
        base = (state @ self.embedding[: len(TOKENS)].T)[0]
        query = self._linear(state, "pointer_query")
        pointed = self.reference_scores(query, self.pointer_keys)[0]
        return torch.cat([base[:FIRST_OBJECT], base[FIRST_OBJECT:] + pointed])

    def reference_scores(self, queries: Tensor, keys: Tensor) -> Tensor:
        """(S, d) against the input's (P, d) -> (S, REFERENCES); as `Vlsm.reference_scores`."""
        scores = queries @ keys.T / queries.shape[-1] ** 0.5
        reference = self.prefix_tokens - FIRST_OBJECT
        valid = (reference >= 0) & (reference < REFERENCES)
        scores = scores.masked_fill(~valid[None], -1e4)
        top = scores.amax(-1, keepdim=True)
        places = F.one_hot(reference.clamp(0, REFERENCES - 1), REFERENCES).float() * valid[:, None]
        return torch.log(torch.exp(scores - top) @ places + 1e-9) + top

    @torch.inference_mode()
    def heads(self) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Dense heads on the input: kinds (P, K), slots (P, S), owners (P, MAX_OBJECTS) logits, links (O, O) logits."""
        states = self.prefix_states
        kinds = self._linear(states, "kind_head")
        slots = self._linear(states, "slot_head")
        owners = self.reference_scores(self._linear(states, "owner_query"), self._linear(states, "owner_key"))[:, :MAX_OBJECTS]
        reference = self.prefix_tokens - FIRST_OBJECT
        valid = (reference >= 0) & (reference < MAX_OBJECTS)
        places = F.one_hot(reference.clamp(0, MAX_OBJECTS - 1), MAX_OBJECTS).float() * valid[:, None]
        objects = places.T @ states / places.sum(0).clamp(min=1)[:, None]
        links = self._linear(objects, "link_query") @ self._linear(objects, "link_key").T
        return kinds, slots, owners, links / self.config.d_model**0.5 + self.state["link_bias"]
