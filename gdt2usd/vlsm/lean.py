"""The trained network without transformers: the same weights and arithmetic, for a quick start and a key-value cache.

Reader and Llama decoder (RMSNorm, rotary positions, SwiGLU; arXiv 2302.13971), one sample at a time. A test holds it to `Vlsm`'s
numbers. Not covered: other language models, training.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.nn import functional as F

from gdt2usd.vlsm.model import REFERENCES, RELATION_WIDTH, Reading, Verdicts, VlsmConfig, drawn_between, rotary, rotate
from gdt2usd.vlsm.processor import FIRST_PIECE, NAME_PIECES, STROKES, Encoded
from gdt2usd.vlsm.script_tokens import CONNECTIONS, FAMILIES, FIRST_OBJECT, KINDS, MAX_OBJECTS, ROLES, TOKENS

_LM = "language_model.model."


def expected_shapes(config: VlsmConfig) -> dict[str, tuple[int, ...]]:
    """Names and shapes of the tensors that a Llama `Vlsm` of these sizes has, the connector's and the tied head left out."""
    d, f, relations = config.d_model, config.d_feed_forward, len(CONNECTIONS) * RELATION_WIDTH
    shapes: dict[str, tuple[int, ...]] = {
        f"{_LM}embed_tokens.weight": (config.vocabulary, d),
        f"{_LM}norm.weight": (d,),
        "smear.weight": (d, 1, 4),
        "smear.bias": (d,),
        "box_embedding.weight": (d, 32),
        "box_embedding.bias": (d,),
        "name_embedding.weight": (config.name_buckets, d),
        "magnitude_embedding.weight": (64, d),
        "unit_embedding.weight": (16, d),
        "kind_embedding.weight": (len(KINDS) + 2, d),
        "slot_embedding.weight": (len(config.slots) + 2, d),
        "reader_norm.weight": (d,),
        "kind_head.weight": (len(KINDS) + 1, d),
        "kind_head.bias": (len(KINDS) + 1,),
        "slot_head.weight": (len(config.slots) + 1, d),
        "slot_head.bias": (len(config.slots) + 1,),
        "role_head.weight": (len(ROLES) + 1, d),
        "role_head.bias": (len(ROLES) + 1,),
        "family_head.weight": (len(FAMILIES) + 1, d),
        "family_head.bias": (len(FAMILIES) + 1,),
        "relation_query.weight": (relations, d),
        "relation_query.bias": (relations,),
        "relation_key.weight": (relations, d),
        "relation_key.bias": (relations,),
        "drawn.weight": (len(CONNECTIONS), 2 * STROKES),
        "drawn.bias": (len(CONNECTIONS),),
    }
    square = ("bridge", "owner_bridge", "pointer_query", "pointer_key", "owner_query", "owner_key", "target_query", "target_key")
    shapes |= {f"{name}.weight": (d, d) for name in (*square, *(f"role_bridge.{i}" for i in range(3)))}
    for i in range(config.reader_layers):
        layer = {"norm": (d,), "feed_norm": (d,), "qkv": (3 * d, d), "out": (d, d), "gate_up": (2 * f, d), "down": (d, f)}
        shapes |= {f"reader.{i}.{name}.weight": shape for name, shape in layer.items()}
    for i in range(config.layers):
        layer = {"input_layernorm": (d,), "post_attention_layernorm": (d,)}
        layer |= {f"self_attn.{name}_proj": (d, d) for name in "qkvo"}
        layer |= {"mlp.gate_proj": (f, d), "mlp.up_proj": (f, d), "mlp.down_proj": (d, f)}
        shapes |= {f"{_LM}layers.{i}.{name}.weight": shape for name, shape in layer.items()}
    return shapes


@contextmanager
def on_one_thread() -> Iterator[None]:
    """Torch works on one thread inside: for tensors this small a second one only waits, and where other programs run it waits in a
    busy loop (measured on two cores, one taken: 24 s of processor time instead of 6 s for one build)."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


class LeanVlsm:
    """`state` are `Vlsm`'s tensors by name. Call `read`, then `begin`, then `next` per token.

    Raises:
        ValueError: a tensor is missing or has another shape than the configuration says.
    """

    def __init__(self, state: dict[str, Tensor], config: VlsmConfig) -> None:
        for name, shape in expected_shapes(config).items():
            if name not in state or tuple(state[name].shape) != shape:
                got = tuple(state[name].shape) if name in state else "nothing"
                raise ValueError(f"{name}: {got} instead of {shape}")
        self.config = config
        self.state = {name: tensor.float() for name, tensor in state.items()}
        self.embedding = self.state[f"{_LM}embed_tokens.weight"]
        self.head_width = config.d_model // config.heads
        self.keys: list[Tensor] = []
        self.values: list[Tensor] = []
        self.used = 0
        self.pointer_keys = torch.zeros(0)
        self.prefix_tokens = torch.zeros(0)

    def _linear(self, x: Tensor, name: str) -> Tensor:
        return F.linear(x, self.state[f"{name}.weight"], self.state.get(f"{name}.bias"))

    def _norm(self, x: Tensor, name: str) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.state[f"{name}.weight"]

    def _embed(self, encoded: Encoded, visual: dict[int, Tensor]) -> Tensor:
        x = self.embedding[torch.tensor(encoded.tokens)]  # (P, d)
        boxes = torch.tensor(encoded.boxes, dtype=torch.float32)
        octaves = 2.0 ** torch.arange(4) * torch.pi
        waves = boxes[..., None] * octaves
        has_box = (boxes.abs().sum(-1, keepdim=True) > 0).float()
        x = x + self._linear(torch.cat([waves.sin(), waves.cos()], -1).flatten(1), "box_embedding") * has_box
        names = torch.zeros_like(x)
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
        roles = torch.tensor(encoded.roles)
        for role in range(3):
            held = roles[:, role] >= 0
            x[held] += self._linear(self.embedding[roles[held, role]], f"role_bridge.{role}")
        for at, feature in visual.items():
            x[at] += feature
        padded = torch.cat([torch.zeros(3, x.shape[1]), x])
        smear = F.conv1d(padded.T[None], self.state["smear.weight"], self.state["smear.bias"], groups=x.shape[1])
        return x + smear[0].T

    def _heads(self, x: Tensor) -> Tensor:
        return x.view(x.shape[0], self.config.heads, self.head_width).transpose(0, 1)

    @torch.inference_mode()
    def read(self, encoded: Encoded, visual: dict[int, Tensor] | None = None) -> Reading:
        """The reader's states and dense heads, without a batch dimension; `visual` are connector outputs (d,) by position."""
        x = self._embed(encoded, visual or {})
        p, d = x.shape
        cos, sin = rotary(p, self.head_width)
        for i in range(self.config.reader_layers):
            name = f"reader.{i}."
            qkv = self._linear(self._norm(x, f"{name}norm"), f"{name}qkv").view(p, 3, self.config.heads, self.head_width)
            q, k, v = qkv.permute(1, 2, 0, 3)
            mixed = F.scaled_dot_product_attention(rotate(q, cos, sin)[None], rotate(k, cos, sin)[None], v[None])[0]
            x = x + self._linear(mixed.transpose(0, 1).reshape(p, d), f"{name}out")
            gate, up = self._linear(self._norm(x, f"{name}feed_norm"), f"{name}gate_up").chunk(2, -1)
            x = x + self._linear(F.silu(gate) * up, f"{name}down")
        states = self._norm(x, "reader_norm")
        self.input_tokens = torch.tensor(encoded.tokens)
        owners = self.reference_scores(self._linear(states, "owner_query"), self._linear(states, "owner_key"), self.input_tokens)
        targets = self.reference_scores(self._linear(states, "target_query"), self._linear(states, "target_key"), self.input_tokens)
        kinds, slots, roles, families = (self._linear(states, f"{name}_head") for name in ("kind", "slot", "role", "family"))
        owners, targets = owners[:, :MAX_OBJECTS], targets[:, :MAX_OBJECTS]
        return Reading(states, kinds, slots, owners, roles, families, targets, self._relations(states, encoded))

    @torch.inference_mode()
    def begin(self, encoded: Encoded, reading: Reading, verdicts: Verdicts | None = None, room: int = 1024) -> Tensor:
        """Give the language model its prefix; logits (script vocabulary,) of the first token. `room` is the most to be written."""
        tokens = self.input_tokens
        verdicts = verdicts or reading.verdicts(tokens)
        x = self._linear(reading.states, "bridge") + self.embedding[tokens]
        x = x + self.state["kind_embedding.weight"][verdicts.kinds + 1] + self.state["slot_embedding.weight"][verdicts.slots + 1]
        owner = self._linear(self.embedding[verdicts.owners.clamp(min=0) + FIRST_OBJECT], "owner_bridge")
        x = x + owner * (verdicts.owners >= 0)[:, None]
        chosen = torch.tensor([at for at, token in enumerate(encoded.tokens) if token < FIRST_PIECE])
        shape = (self.config.heads, len(chosen) + room, self.head_width)
        self.keys = [torch.zeros(shape) for _ in range(self.config.layers)]
        self.values = [torch.zeros(shape) for _ in range(self.config.layers)]
        self.used = 0
        states = self._forward(x[chosen])
        self.prefix_tokens = tokens[chosen]
        self.pointer_keys = self._linear(states, "pointer_key")
        return self._logits(states[-1:])

    def _forward(self, x: Tensor) -> Tensor:
        """(n, d) new embeddings -> (n, d) last hidden states; each sees all before and all of `x`."""
        n, start = x.shape[0], self.used
        cos, sin = rotary(n, self.head_width, start)
        for i in range(self.config.layers):
            name = f"{_LM}layers.{i}."
            y = self._norm(x, f"{name}input_layernorm")
            q = rotate(self._heads(self._linear(y, f"{name}self_attn.q_proj")), cos, sin)
            self.keys[i][:, start : start + n] = rotate(self._heads(self._linear(y, f"{name}self_attn.k_proj")), cos, sin)
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
    def next(self, token: int) -> Tensor:
        """Append `token`; logits of the one after it."""
        return self._logits(self._forward(self.embedding[token][None]))

    def _logits(self, state: Tensor) -> Tensor:
        base = (state @ self.embedding[: len(TOKENS)].T)[0]
        pointed = self.reference_scores(self._linear(state, "pointer_query"), self.pointer_keys, self.prefix_tokens)[0]
        return torch.cat([base[:FIRST_OBJECT], base[FIRST_OBJECT:] + pointed])

    def reference_scores(self, queries: Tensor, keys: Tensor, tokens: Tensor) -> Tensor:
        """(S, d) against (P, d) at places `tokens` (P,) -> (S, REFERENCES); as `Vlsm.reference_scores`."""
        scores = queries @ keys.T / queries.shape[-1] ** 0.5
        reference = tokens - FIRST_OBJECT
        valid = (reference >= 0) & (reference < REFERENCES)
        scores = scores.masked_fill(~valid[None], -1e4)
        top = scores.amax(-1, keepdim=True)
        places = F.one_hot(reference.clamp(0, REFERENCES - 1), REFERENCES).float() * valid[:, None]
        out: Tensor = torch.log(torch.exp(scores - top) @ places + 1e-9) + top
        return out

    def _relations(self, states: Tensor, encoded: Encoded) -> Tensor:
        """(R, MAX_OBJECTS, MAX_OBJECTS) logits; as `Vlsm.relations`."""
        reference = self.input_tokens - FIRST_OBJECT
        valid = (reference >= 0) & (reference < MAX_OBJECTS)
        places = F.one_hot(reference.clamp(0, MAX_OBJECTS - 1), MAX_OBJECTS).float() * valid[:, None]
        objects = places.T @ states / places.sum(0).clamp(min=1)[:, None]
        split = (MAX_OBJECTS, len(CONNECTIONS), RELATION_WIDTH)
        queries = self._linear(objects, "relation_query").view(split).transpose(0, 1)
        keys = self._linear(objects, "relation_key").view(split).transpose(0, 1)
        seen = drawn_between(self.input_tokens[None], torch.tensor(encoded.roles)[None])[0]
        out: Tensor = queries @ keys.transpose(1, 2) / RELATION_WIDTH**0.5 + self._linear(seen, "drawn").permute(2, 0, 1)
        return out
