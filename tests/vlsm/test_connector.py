"""Connectors: shapes, gradients, and the number of parameters that their formula gives."""

from __future__ import annotations

import pytest
import torch

from gdt2usd.vlsm.connector import CONNECTORS, build_connector

D_VISION, D_LANGUAGE, QUERIES, DEPTH = 24, 32, 3, 2


def _expected(kind: str) -> int:
    v, d = D_VISION, D_LANGUAGE
    projection = v * d + d
    attention = 4 * d * d + 4 * d
    feed_forward = (d * 4 * d + 4 * d) + (4 * d * d + d) + 2 * d
    cross = attention + 2 * (2 * d) + feed_forward
    match kind:
        case "linear":
            return projection
        case "mlp":
            return projection + d * d + d
        case "resampler":
            return projection + QUERIES * d + DEPTH * cross
        case _:
            return projection + QUERIES * d + DEPTH * (cross + attention + 2 * d)


@pytest.mark.parametrize("kind", CONNECTORS)
def test_shape_gradient_and_size(kind: str) -> None:
    torch.manual_seed(0)
    connector = build_connector(kind, D_VISION, D_LANGUAGE, queries=QUERIES, depth=DEPTH)
    visual = torch.randn(2, 5, D_VISION, requires_grad=True)
    out = connector(visual)
    assert out.shape == (2, 5 if kind in ("linear", "mlp") else QUERIES, D_LANGUAGE)
    assert sum(p.numel() for p in connector.parameters()) == _expected(kind)
    (out * torch.randn_like(out)).sum().backward()
    assert visual.grad is not None and float(visual.grad.abs().min(-1).values.max()) > 0
    for name, parameter in connector.named_parameters():
        assert parameter.grad is not None, name
        assert float(parameter.grad.abs().sum()) > 0, name


def test_queries_do_not_depend_on_the_order_of_tokens() -> None:
    torch.manual_seed(0)
    visual = torch.randn(1, 6, D_VISION)
    for kind in ("resampler", "qformer"):
        connector = build_connector(kind, D_VISION, D_LANGUAGE, queries=QUERIES)
        assert torch.allclose(connector(visual), connector(visual.flip(1)), atol=1e-5)


def test_unknown_connector() -> None:
    with pytest.raises(ValueError, match="no connector 'wire'"):
        build_connector("wire", 4, 4)
