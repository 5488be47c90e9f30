"""The VLSM: visual tokens through a connector, and marked text, into a causal language model that writes script tokens.

The input (sketch labels, candidate links, prompt) is read in both directions (prefix mask); the script is written causally.
Names and numbers are references: besides the language model's own logits, a pointer scores every reference by where it stands
in the input. Dense heads on the input (type of each name, meaning and owner of each number, links between names) are trained
beside it; they say how sure the reading is. Not covered: making the input (`vlsm.processor`), decoding (`vlsm.decoding`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gdt2usd.vlsm.connector import build_connector
from gdt2usd.vlsm.script_tokens import FIRST_NUMBER, FIRST_OBJECT, KINDS, MAX_NUMBERS, MAX_OBJECTS, TOKENS
from gdt2usd.vlsm.torchvision_schema import ensure_torchvision

REFERENCES = MAX_OBJECTS + MAX_NUMBERS
assert FIRST_NUMBER == FIRST_OBJECT + MAX_OBJECTS


@dataclass(frozen=True, slots=True)
class VlsmConfig:
    """Sizes of a model; presets are `models/*.toml`. `slots` names what a number can mean (its dense head's classes)."""

    vocabulary: int
    d_model: int = 256
    layers: int = 4
    heads: int = 8
    d_feed_forward: int = 704
    connector: str = "mlp"
    d_vision: int = 128
    name_buckets: int = 4096
    slots: tuple[str, ...] = ()
    language_model: str = "llama"
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Batch:
    """Model input, padded; B samples of length T of which the first `prefix[b]` are input and the rest script.

    tokens (B, T) int64; prefix (B,) int64; length (B,) int64; boxes (B, P, 4) float in 0..1, 0 where none;
    names (B, P, G) int64 hashed pieces of the name at a reference, 0 padding; features (B, P, 2) int64 number buckets.
    P is the longest prefix. visual (N, V, d_vision) features and visual_at (N, 2) int64 (sample, position) where they are added.
    """

    tokens: Tensor
    prefix: Tensor
    length: Tensor
    boxes: Tensor
    names: Tensor
    features: Tensor
    visual: Tensor | None = None
    visual_at: Tensor | None = None


class Vlsm(nn.Module):
    """See the module docstring. `language_model` is any transformers causal LM that takes `inputs_embeds` and a 4-D mask."""

    def __init__(self, config: VlsmConfig) -> None:
        super().__init__()
        ensure_torchvision()
        from transformers import AutoConfig, AutoModelForCausalLM

        self.config = config
        d = config.d_model
        lm_config = AutoConfig.for_model(
            config.language_model,
            vocab_size=config.vocabulary,
            hidden_size=d,
            num_hidden_layers=config.layers,
            num_attention_heads=config.heads,
            num_key_value_heads=config.heads,
            intermediate_size=config.d_feed_forward,
            max_position_embeddings=1536,
            tie_word_embeddings=True,
            initializer_range=0.02,
            **config.options,
        )
        self.language_model = AutoModelForCausalLM.from_config(lm_config, attn_implementation="sdpa")
        self.smear = nn.Conv1d(d, d, 4, groups=d)
        nn.init.zeros_(self.smear.weight)
        nn.init.zeros_(self.smear.bias)  # type: ignore[arg-type]
        self.box_embedding = nn.Linear(4 * 8, d)
        self.name_embedding = nn.EmbeddingBag(config.name_buckets, d, mode="mean", padding_idx=0)
        self.magnitude_embedding = nn.Embedding(64, d, padding_idx=0)
        self.unit_embedding = nn.Embedding(16, d, padding_idx=0)
        for table in (self.name_embedding, self.magnitude_embedding, self.unit_embedding):
            nn.init.normal_(table.weight, std=0.02)
        self.connector = build_connector(config.connector, config.d_vision, d)
        self.pointer_query = nn.Linear(d, d, bias=False)
        self.pointer_key = nn.Linear(d, d, bias=False)
        self.kind_head = nn.Linear(d, len(KINDS) + 1)
        self.slot_head = nn.Linear(d, len(config.slots) + 1)
        self.owner_query = nn.Linear(d, d, bias=False)
        self.owner_key = nn.Linear(d, d, bias=False)
        self.link_query = nn.Linear(d, d, bias=False)
        self.link_key = nn.Linear(d, d, bias=False)
        self.link_bias = nn.Parameter(torch.tensor(-2.0))

    def embed(self, batch: Batch) -> Tensor:
        """Input embeddings (B, T, d): token, box, name and number features, visual tokens, short causal convolution."""
        x: Tensor = self.language_model.get_input_embeddings()(batch.tokens)  # (B, T, d)
        p = batch.boxes.shape[1]
        octaves = 2.0 ** torch.arange(4, device=x.device) * torch.pi
        waves = batch.boxes[..., None] * octaves  # (B, P, 4, 4)
        has_box = (batch.boxes.abs().sum(-1, keepdim=True) > 0).to(x.dtype)  # (B, P, 1)
        box = self.box_embedding(torch.cat([waves.sin(), waves.cos()], -1).flatten(2).to(x.dtype)) * has_box
        pieces = batch.names.flatten(0, 1)  # (B * P, G)
        names = self.name_embedding(pieces).view(*batch.names.shape[:2], -1)
        numbers = self.magnitude_embedding(batch.features[..., 0]) + self.unit_embedding(batch.features[..., 1])
        x = torch.cat([x[:, :p] + box + names + numbers, x[:, p:]], 1)
        if batch.visual is not None and batch.visual_at is not None:
            visual = self.connector(batch.visual).mean(1).to(x.dtype)  # (N, d)
            x = x.index_put((batch.visual_at[:, 0], batch.visual_at[:, 1]), visual, accumulate=True)
        smeared = self.smear(F.pad(x.transpose(1, 2), (3, 0))).transpose(1, 2)
        return x + smeared

    def hidden(self, batch: Batch) -> Tensor:
        """Last hidden states (B, T, d) under the prefix mask."""
        x = self.embed(batch)
        t = x.shape[1]
        at = torch.arange(t, device=x.device)
        causal = at[None, :] <= at[:, None]  # (T, T)
        in_prefix = at[None, :] < batch.prefix[:, None]  # (B, T)
        inside = at[None, :] < batch.length[:, None]  # (B, T)
        mask = (causal[None] | (in_prefix[:, :, None] & in_prefix[:, None, :])) & inside[:, None, :]
        mask = mask | (at[None, :, None] == at[None, None, :])
        decoder = self.language_model.get_decoder()
        out: Tensor = decoder(inputs_embeds=x, attention_mask=mask[:, None], use_cache=False).last_hidden_state
        return out

    def reference_scores(self, queries: Tensor, keys: Tensor, tokens: Tensor) -> Tensor:
        """(B, S, d) queries against (B, P, d) input states -> (B, S, REFERENCES): log-sum-exp over each reference's places.

        `tokens` (B, P) are the input's ids; a reference that does not occur scores very low.
        """
        scores = torch.einsum("bsd,bpd->bsp", queries, keys).float() / queries.shape[-1] ** 0.5
        reference = tokens - FIRST_OBJECT  # (B, P)
        valid = (reference >= 0) & (reference < REFERENCES)
        scores = scores.masked_fill(~valid[:, None], -1e4)
        top = scores.amax(-1, keepdim=True)  # (B, S, 1)
        places = F.one_hot(reference.clamp(0, REFERENCES - 1), REFERENCES).float() * valid[..., None]
        mass = torch.exp(scores - top) @ places  # (B, S, REFERENCES)
        return torch.log(mass + 1e-9) + top

    def logits(self, states: Tensor, prefix_states: Tensor, prefix_tokens: Tensor) -> Tensor:
        """Logits (B, S, script vocabulary): the tied head on the script's tokens, plus the pointer's scores on the references."""
        table = self.language_model.get_output_embeddings().weight[: len(TOKENS)]
        base = (states @ table.to(states.dtype).T).float()  # (B, S, len(TOKENS))
        pointed = self.reference_scores(self.pointer_query(states), self.pointer_key(prefix_states), prefix_tokens)
        return torch.cat([base[..., :FIRST_OBJECT], base[..., FIRST_OBJECT:] + pointed], -1)

    def owner_scores(self, prefix_states: Tensor, prefix_tokens: Tensor) -> Tensor:
        """(B, P, MAX_OBJECTS): how much the number at each input position belongs to each object."""
        keys = self.owner_key(prefix_states)
        return self.reference_scores(self.owner_query(prefix_states), keys, prefix_tokens)[..., :MAX_OBJECTS]

    def link_scores(self, prefix_states: Tensor, prefix_tokens: Tensor) -> Tensor:
        """(B, MAX_OBJECTS, MAX_OBJECTS) logits of a link from each object to each other; objects are means over their places."""
        reference = prefix_tokens - FIRST_OBJECT
        valid = (reference >= 0) & (reference < MAX_OBJECTS)
        places = F.one_hot(reference.clamp(0, MAX_OBJECTS - 1), MAX_OBJECTS).to(prefix_states.dtype) * valid[..., None]
        total = places.sum(1).clamp(min=1)[..., None]  # (B, MAX_OBJECTS, 1)
        objects = places.transpose(1, 2) @ prefix_states / total  # (B, MAX_OBJECTS, d)
        scores = self.link_query(objects) @ self.link_key(objects).transpose(1, 2)
        return scores.float() / self.config.d_model**0.5 + self.link_bias
