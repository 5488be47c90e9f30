"""The VLSM: marked text and visual tokens through a reader into a causal language model that writes script tokens.

    words, labels, candidate links, visual tokens (connector) -> reader -> dense heads
                                                                   |          | (type, meaning, owner of each reference)
                                                                   v          v
                                      prefix of references ---> causal language model ---> script tokens

The reader is a small bidirectional transformer over the whole input. Its dense heads say what kind each name is, what each number
means and whose it is, and which names are linked. The language model's prefix is the reader's states at every token that is no
plain word, with the heads' verdicts added; the prefix is read in both directions, the script is written causally. Besides the
language model's own logits a pointer scores every reference by where it stands. Not covered: making the input
(`vlsm.processor`), decoding (`vlsm.decoding`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gdt2usd.vlsm.connector import build_connector
from gdt2usd.vlsm.processor import FIRST_STROKE, STROKES
from gdt2usd.vlsm.script_tokens import (
    CONNECTIONS,
    FAMILIES,
    FIRST_NUMBER,
    FIRST_OBJECT,
    KINDS,
    MAX_NUMBERS,
    MAX_OBJECTS,
    ROLES,
    TOKENS,
)
from gdt2usd.vlsm.torchvision_schema import ensure_torchvision

REFERENCES = MAX_OBJECTS + MAX_NUMBERS
RELATION_WIDTH = 64
STROKE_WEIGHT = 10.0
assert FIRST_NUMBER == FIRST_OBJECT + MAX_OBJECTS


@dataclass(frozen=True, slots=True)
class VlsmConfig:
    """Sizes of a model; presets are `models/*.toml`. `slots` names what a number can mean (its dense head's classes)."""

    vocabulary: int
    d_model: int = 192
    reader_layers: int = 4
    layers: int = 3
    heads: int = 6
    d_feed_forward: int = 512
    connector: str = "mlp"
    d_vision: int = 128
    name_buckets: int = 4096
    slots: tuple[str, ...] = ()
    language_model: str = "llama"
    options: dict[str, Any] = field(default_factory=dict)


class Block(nn.Module):
    """A pre-norm transformer layer that attends in both directions: RMSNorm, rotary positions, SwiGLU."""

    def __init__(self, d: int, heads: int, d_feed_forward: int) -> None:
        super().__init__()
        self.heads = heads
        self.norm = nn.RMSNorm(d, eps=1e-6)
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.out = nn.Linear(d, d, bias=False)
        self.feed_norm = nn.RMSNorm(d, eps=1e-6)
        self.gate_up = nn.Linear(d, 2 * d_feed_forward, bias=False)
        self.down = nn.Linear(d_feed_forward, d, bias=False)
        for layer in (self.qkv, self.out, self.gate_up, self.down):
            nn.init.normal_(layer.weight, std=0.03)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, mask: Tensor | None) -> Tensor:
        """x (B, P, d); cos and sin (P, width); mask (B, 1, 1, P) true where there is input."""
        b, p, d = x.shape
        qkv = self.qkv(self.norm(x)).view(b, p, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        q, k, v = rotate(qkv[0], cos, sin), rotate(qkv[1], cos, sin), qkv[2]
        scores = (q @ k.transpose(-1, -2)) * q.shape[-1] ** -0.5  # plain products: their gradient is the quicker one on a CPU
        if mask is not None:
            scores = scores.masked_fill(~mask, -1e4)
        mixed = scores.softmax(-1).to(v.dtype) @ v
        x = x + self.out(mixed.transpose(1, 2).reshape(b, p, d))
        gate, up = self.gate_up(self.feed_norm(x)).chunk(2, -1)
        out: Tensor = x + self.down(F.silu(gate) * up)
        return out


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotary positions (arXiv 2104.09864) on (..., n, width); cos and sin (n, width)."""
    half = x.shape[-1] // 2
    turned = torch.cat([-x[..., half:], x[..., :half]], -1)
    return x * cos.to(x.dtype) + turned * sin.to(x.dtype)


def rotary(n: int, width: int, start: int = 0) -> tuple[Tensor, Tensor]:
    """cos and sin (n, width) of positions start .. start + n - 1, base 10,000."""
    frequencies = 10000.0 ** (-torch.arange(0, width, 2).float() / width)
    angles = torch.arange(start, start + n)[:, None] * frequencies
    return torch.cat([angles.cos()] * 2, -1), torch.cat([angles.sin()] * 2, -1)


@dataclass(slots=True)
class Batch:
    """Model input, padded; B samples.

    tokens (B, P) int64 input ids, `PAD` beyond length[b]; length (B,) int64; boxes (B, P, 4) float in 0..1, 0 where none;
    names (B, P, G) int64 hashed pieces of the name at a reference, 0 padding; features (B, P, 2) int64 number buckets.
    roles (B, P, 3) int64 ids of the references a drawn link leaves, enters, and of its number, -1 where none.
    chosen (B, Q) int64 positions of the input that go into the language model's prefix, -1 padding; script (B, S) int64 ids.
    visual (N, V, d_vision) features and visual_at (N, 2) int64 (sample, position) where they are added.
    """

    tokens: Tensor
    length: Tensor
    boxes: Tensor
    names: Tensor
    features: Tensor
    roles: Tensor
    chosen: Tensor
    script: Tensor
    visual: Tensor | None = None
    visual_at: Tensor | None = None

    def pin_memory(self) -> Batch:
        """In page-locked memory, from which a GPU copies without waiting; the data loader calls this."""
        values = (getattr(self, row.name) for row in fields(self))
        return Batch(*(value.pin_memory() if isinstance(value, Tensor) else value for value in values))


@dataclass(slots=True)
class Verdicts:
    """What the dense heads say, or the truth while training: kinds, slots, owners (B, P) int64; -1 where nothing is said."""

    kinds: Tensor
    slots: Tensor
    owners: Tensor


@dataclass(slots=True)
class Reading:
    """states (B, P, d); logits of the dense heads: kinds (B, P, K + 1), slots (B, P, S + 1), owners (B, P, MAX_OBJECTS).

    roles (B, P, ROLES + 1), families (B, P, FAMILIES + 1): of numbers in a distribution, the last for none;
    targets (B, P, MAX_OBJECTS): where the share of items goes that a percentage says;
    relations (B, R, MAX_OBJECTS, MAX_OBJECTS): logit of each of `CONNECTIONS` from the first object to the second.
    """

    states: Tensor
    kinds: Tensor
    slots: Tensor
    owners: Tensor
    roles: Tensor
    families: Tensor
    targets: Tensor
    relations: Tensor

    def verdicts(self, tokens: Tensor) -> Verdicts:
        """The likeliest classes at names and numbers."""
        is_object = (tokens >= FIRST_OBJECT) & (tokens < FIRST_NUMBER)
        is_number = (tokens >= FIRST_NUMBER) & (tokens < FIRST_OBJECT + REFERENCES)
        slots = self.slots.argmax(-1)
        owned = is_number & (slots < self.slots.shape[-1] - 1)
        return Verdicts(
            self.kinds.argmax(-1).masked_fill(~is_object, -1),
            slots.masked_fill(~is_number, -1),
            self.owners.argmax(-1).masked_fill(~owned, -1),
        )


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
            max_position_embeddings=2048,
            tie_word_embeddings=True,
            initializer_range=0.03,
            **config.options,
        )
        auto: Any = AutoModelForCausalLM
        self.language_model = auto.from_config(lm_config, attn_implementation="eager")
        self.smear = nn.Conv1d(d, d, 4, groups=d)
        nn.init.zeros_(self.smear.weight)
        nn.init.zeros_(self.smear.bias)  # type: ignore[arg-type]
        self.box_embedding = nn.Linear(4 * 8, d)
        self.name_embedding = nn.EmbeddingBag(config.name_buckets, d, mode="mean", padding_idx=0)
        self.magnitude_embedding = nn.Embedding(64, d, padding_idx=0)
        self.unit_embedding = nn.Embedding(16, d, padding_idx=0)
        self.kind_embedding = nn.Embedding(len(KINDS) + 2, d, padding_idx=0)
        self.slot_embedding = nn.Embedding(len(config.slots) + 2, d, padding_idx=0)
        for table in (self.name_embedding, self.magnitude_embedding, self.unit_embedding, self.kind_embedding, self.slot_embedding):
            nn.init.normal_(table.weight, std=0.03)
            table.weight.data[0] = 0.0  # padding adds nothing
        self.connector = build_connector(config.connector, config.d_vision, d)
        self.reader = nn.ModuleList(Block(d, config.heads, config.d_feed_forward) for _ in range(config.reader_layers))
        self.reader_norm = nn.RMSNorm(d, eps=1e-6)
        self.bridge = nn.Linear(d, d, bias=False)
        self.owner_bridge = nn.Linear(d, d, bias=False)
        self.pointer_query = nn.Linear(d, d, bias=False)
        self.pointer_key = nn.Linear(d, d, bias=False)
        self.kind_head = nn.Linear(d, len(KINDS) + 1)
        self.slot_head = nn.Linear(d, len(config.slots) + 1)
        self.role_head = nn.Linear(d, len(ROLES) + 1)
        self.family_head = nn.Linear(d, len(FAMILIES) + 1)
        self.target_query = nn.Linear(d, d, bias=False)
        self.target_key = nn.Linear(d, d, bias=False)
        self.owner_query = nn.Linear(d, d, bias=False)
        self.owner_key = nn.Linear(d, d, bias=False)
        self.role_bridge = nn.ModuleList(nn.Linear(d, d, bias=False) for _ in range(3))
        self.relation_query = nn.Linear(d, len(CONNECTIONS) * RELATION_WIDTH)
        self.relation_key = nn.Linear(d, len(CONNECTIONS) * RELATION_WIDTH)
        self.drawn = nn.Linear(2 * STROKES, len(CONNECTIONS))
        nn.init.constant_(self.drawn.bias, -3.0)
        nn.init.zeros_(self.drawn.weight)
        self.drawn.weight.data[CONNECTIONS.index("link"), 0] = 0.4  # a sure arrow speaks for a link from the start

    def embed(self, batch: Batch) -> Tensor:
        """Input embeddings (B, P, d): token, box, name and number features, visual tokens, short causal convolution."""
        x: Tensor = self.language_model.get_input_embeddings()(batch.tokens)  # (B, P, d)
        octaves = 2.0 ** torch.arange(4, device=x.device) * torch.pi
        waves = batch.boxes[..., None] * octaves  # (B, P, 4, 4)
        has_box = (batch.boxes.abs().sum(-1, keepdim=True) > 0).to(x.dtype)  # (B, P, 1)
        x = x + self.box_embedding(torch.cat([waves.sin(), waves.cos()], -1).flatten(2).to(x.dtype)) * has_box
        x = x + self.name_embedding(batch.names.flatten(0, 1)).view(*batch.names.shape[:2], -1)
        x = x + self.magnitude_embedding(batch.features[..., 0]) + self.unit_embedding(batch.features[..., 1])
        for role, bridge in enumerate(self.role_bridge):
            ids = batch.roles[..., role]  # (B, P)
            x = x + bridge(self.language_model.get_input_embeddings()(ids.clamp(min=0))) * (ids >= 0)[..., None]
        if batch.visual is not None and batch.visual_at is not None:
            visual = self.connector(batch.visual).mean(1).to(x.dtype)  # (N, d)
            x = x.index_put((batch.visual_at[:, 0], batch.visual_at[:, 1]), visual, accumulate=True)
        smeared: Tensor = self.smear(F.pad(x.transpose(1, 2), (3, 0))).transpose(1, 2)
        return x + smeared

    def read(self, batch: Batch) -> Reading:
        """The reader over the input, and its dense heads."""
        x = self.embed(batch)
        p = x.shape[1]
        inside = torch.arange(p, device=x.device)[None] < batch.length[:, None]  # (B, P)
        cos, sin = rotary(p, self.config.d_model // self.config.heads)
        for block in self.reader:
            x = block(x, cos.to(x.device), sin.to(x.device), inside[:, None, None])
        states = self.reader_norm(x)
        owners = self.reference_scores(self.owner_query(states), self.owner_key(states), batch.tokens)[..., :MAX_OBJECTS]
        targets = self.reference_scores(self.target_query(states), self.target_key(states), batch.tokens)[..., :MAX_OBJECTS]
        kinds, slots, roles, families = (
            head(states) for head in (self.kind_head, self.slot_head, self.role_head, self.family_head)
        )
        return Reading(states, kinds, slots, owners, roles, families, targets, self.relations(states, batch))

    def prefix(self, batch: Batch, reading: Reading, verdicts: Verdicts) -> tuple[Tensor, Tensor]:
        """The language model's prefix (B, Q, d) and its ids (B, Q): chosen reader states, their tokens, the verdicts on them."""
        table = self.language_model.get_input_embeddings()
        x = self.bridge(reading.states) + table(batch.tokens)
        x = x + self.kind_embedding(verdicts.kinds + 1) + self.slot_embedding(verdicts.slots + 1)
        owner = self.owner_bridge(table(verdicts.owners.clamp(min=0) + FIRST_OBJECT)) * (verdicts.owners >= 0)[..., None]
        x = x + owner
        at = batch.chosen.clamp(min=0)
        ids = batch.tokens.gather(1, at).masked_fill(batch.chosen < 0, 0)
        return x.gather(1, at[..., None].expand(-1, -1, x.shape[-1])), ids

    def write(self, batch: Batch, prefix: Tensor) -> Tensor:
        """Last hidden states (B, Q + S, d) of prefix and script."""
        script = self.language_model.get_input_embeddings()(batch.script)
        x = torch.cat([prefix, script.to(prefix.dtype)], 1)
        q, t = prefix.shape[1], x.shape[1]
        at = torch.arange(t, device=x.device)
        causal = (at[None, :] <= at[:, None]) | ((at[None, :] < q) & (at[:, None] < q))  # (T, T)
        inside = torch.cat([batch.chosen >= 0, torch.ones_like(batch.script, dtype=torch.bool)], 1)  # (B, T)
        mask = (causal[None] & inside[:, None, :]) | (at[None, :, None] == at[None, None, :])
        added = torch.zeros(mask.shape, dtype=x.dtype, device=x.device).masked_fill(~mask, -1e4)[:, None]  # (B, 1, T, T)
        decoder = self.language_model.get_decoder()
        out: Tensor = decoder(inputs_embeds=x, attention_mask=added, use_cache=False).last_hidden_state
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
        out: Tensor = torch.log(mass + 1e-9) + top
        return out

    def logits(self, states: Tensor, prefix_states: Tensor, prefix_tokens: Tensor) -> Tensor:
        """Logits (B, S, script vocabulary): the tied head on the script's tokens, plus the pointer's scores on the references."""
        table = self.language_model.get_output_embeddings().weight[: len(TOKENS)]
        base = (states @ table.to(states.dtype).T).float()  # (B, S, len(TOKENS))
        pointed = self.reference_scores(self.pointer_query(states), self.pointer_key(prefix_states), prefix_tokens)
        return torch.cat([base[..., :FIRST_OBJECT], base[..., FIRST_OBJECT:] + pointed], -1)

    def relations(self, states: Tensor, batch: Batch) -> Tensor:
        """See `Reading.relations`; an object is the mean over its places, drawn links count beside it."""
        b = len(states)
        reference = batch.tokens - FIRST_OBJECT
        valid = (reference >= 0) & (reference < MAX_OBJECTS)
        places = F.one_hot(reference.clamp(0, MAX_OBJECTS - 1), MAX_OBJECTS).to(states.dtype) * valid[..., None]
        objects = places.transpose(1, 2) @ states / places.sum(1).clamp(min=1)[..., None]  # (B, O, d)
        split = (b, MAX_OBJECTS, len(CONNECTIONS), RELATION_WIDTH)
        queries = self.relation_query(objects).view(split).transpose(1, 2)  # (B, R, O, w)
        keys = self.relation_key(objects).view(split).transpose(1, 2)
        scores = (queries @ keys.transpose(-1, -2)).float() / RELATION_WIDTH**0.5
        seen = self.drawn(drawn_between(batch.tokens, batch.roles)).float()  # (B, O, O, R)
        out: Tensor = scores + seen.permute(0, 3, 1, 2)
        return out


def drawn_between(tokens: Tensor, roles: Tensor) -> Tensor:
    """(B, P) ids and (B, P, 3) roles -> (B, MAX_OBJECTS, MAX_OBJECTS, 2 STROKES): strokes from a to b, then from b to a.

    A stroke counts `STROKE_WEIGHT`, so that the few weights on it grow as quickly as others.
    """
    sample, place = torch.nonzero((roles[..., 0] >= 0) & (roles[..., 1] >= 0), as_tuple=True)
    first, second = (roles[sample, place, end] - FIRST_OBJECT for end in (0, 1))
    stroke = tokens[sample, place] - FIRST_STROKE
    seen = torch.zeros(tokens.shape[0], MAX_OBJECTS, MAX_OBJECTS, 2 * STROKES, device=tokens.device)
    one = torch.full((len(sample),), STROKE_WEIGHT, device=tokens.device)
    seen = seen.index_put((sample, first, second, stroke), one, accumulate=True)
    return seen.index_put((sample, second, first, stroke + STROKES), one, accumulate=True)
