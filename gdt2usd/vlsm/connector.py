"""From visual tokens to language-model tokens: four connectors behind one interface.

Each maps (N, P, d_vision) to (N, M, d_language): `linear` and `mlp` keep M = P; `resampler` (Perceiver style) and `qformer`
answer M learned queries. Not covered: where the tokens go in the sequence (`vlsm.model`).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

CONNECTORS = ("linear", "mlp", "resampler", "qformer")


class LinearConnector(nn.Module):
    """One linear projection per visual token."""

    def __init__(self, d_vision: int, d_language: int) -> None:
        super().__init__()
        self.projection = nn.Linear(d_vision, d_language)

    def forward(self, visual: Tensor) -> Tensor:
        out: Tensor = self.projection(visual)  # (N, P, d_language)
        return out


class MlpConnector(nn.Module):
    """Two linear layers with GELU between them, per visual token (LLaVA 1.5)."""

    def __init__(self, d_vision: int, d_language: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(d_vision, d_language), nn.GELU(), nn.Linear(d_language, d_language))

    def forward(self, visual: Tensor) -> Tensor:
        out: Tensor = self.layers(visual)  # (N, P, d_language)
        return out


class _CrossBlock(nn.Module):
    """Queries attend to memory (and first to each other where `self_attention`), then a feed-forward layer; pre-norm."""

    def __init__(self, d: int, heads: int, *, self_attention: bool) -> None:
        super().__init__()
        self.self_norm = nn.LayerNorm(d) if self_attention else None
        self.self_attention = nn.MultiheadAttention(d, heads, batch_first=True) if self_attention else None
        self.query_norm = nn.LayerNorm(d)
        self.memory_norm = nn.LayerNorm(d)
        self.cross_attention = nn.MultiheadAttention(d, heads, batch_first=True)
        self.feed_forward = nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 4 * d), nn.GELU(), nn.Linear(4 * d, d))

    def forward(self, queries: Tensor, memory: Tensor) -> Tensor:
        if self.self_attention is not None and self.self_norm is not None:
            normed = self.self_norm(queries)
            queries = queries + self.self_attention(normed, normed, normed, need_weights=False)[0]
        memory = self.memory_norm(memory)
        queries = queries + self.cross_attention(self.query_norm(queries), memory, memory, need_weights=False)[0]
        out: Tensor = queries + self.feed_forward(queries)
        return out


class QueryConnector(nn.Module):
    """M learned queries read the visual tokens: a Perceiver resampler, or with self-attention a Q-Former."""

    def __init__(self, d_vision: int, d_language: int, *, queries: int, depth: int, heads: int, self_attention: bool) -> None:
        super().__init__()
        self.input = nn.Linear(d_vision, d_language)
        self.queries = nn.Parameter(torch.randn(queries, d_language) * 0.02)
        self.blocks = nn.ModuleList(_CrossBlock(d_language, heads, self_attention=self_attention) for _ in range(depth))

    def forward(self, visual: Tensor) -> Tensor:
        memory = self.input(visual)  # (N, P, d_language)
        queries = self.queries.expand(visual.shape[0], -1, -1)  # (N, M, d_language)
        for block in self.blocks:
            queries = block(queries, memory)
        return queries


def build_connector(kind: str, d_vision: int, d_language: int, *, queries: int = 1, depth: int = 2, heads: int = 4) -> nn.Module:
    """The connector of that name; `queries`, `depth` and `heads` are for the two with queries.

    Raises:
        ValueError: no connector of that name.
    """
    match kind:
        case "linear":
            return LinearConnector(d_vision, d_language)
        case "mlp":
            return MlpConnector(d_vision, d_language)
        case "resampler" | "qformer":
            return QueryConnector(d_vision, d_language, queries=queries, depth=depth, heads=heads, self_attention=kind == "qformer")
        case _:
            raise ValueError(f"no connector {kind!r}: choose one of {', '.join(CONNECTORS)}")
