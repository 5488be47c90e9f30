"""What the vision tower says about the pieces of a sketch: the kind of a drawn shape, and whether a strip is a link and which way.

Crops and strips go through one small tower (open_clip around a timm trunk); its pooled features are the visual tokens that the
connector hands to the language model, and two heads give verdicts that are trained densely.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gdt2usd.vlsm.regions import CROP, STRIP
from gdt2usd.vlsm.script_tokens import KINDS
from gdt2usd.vlsm.vision_tower import build_timm_tower

STRIP_CLASSES = ("none", "forward", "backward", "line", "dashed")
TRUNK = "test_resnet"
STRIDE = 32
"""Pixels of input per visual token of the trunk, each way."""


class Perception(nn.Module):
    """Tower and heads. Crops (N, CROP, CROP) and strips (N, *STRIP), 0 ink .. 1 paper."""

    def __init__(self, trunk: str = TRUNK) -> None:
        super().__init__()
        self.tower = build_timm_tower(trunk, (CROP, CROP))
        self.width = self.tower.width
        self.kind_head = nn.Linear(self.width, len(KINDS))
        self.strip_head = nn.Linear(self.width + 2, len(STRIP_CLASSES))

    def _look(self, pictures: Tensor) -> Tensor:
        out: Tensor = self.tower(((0.5 - pictures) * 2)[:, None].expand(-1, 3, -1, -1))  # (N, P, width), paper -1, ink 1
        return out

    def features(self, pictures: Tensor) -> Tensor:
        """(N, H, W) -> (N, width) pooled visual features."""
        tokens: Tensor = self._look(pictures)  # (N, P, width)
        return tokens.mean(1)

    def kinds(self, crops: Tensor) -> Tensor:
        """(N, CROP, CROP) -> logits (N, kinds)."""
        out: Tensor = self.kind_head(self.features(crops))
        return out

    def strips(self, strips: Tensor, facts: Tensor) -> Tensor:
        """Strips (N, *STRIP) and facts (N, 2: share without ink, length over the picture's width) -> logits (N, 5).

        The ends are told apart by where they are, so pooling keeps left and right halves as differing features.
        """
        tokens: Tensor = self._look(strips)  # (N, P, width)
        side = torch.linspace(-1.0, 1.0, STRIP[1] // STRIDE, device=tokens.device).repeat(STRIP[0] // STRIDE)
        half = self.width // 2
        pooled = torch.cat([tokens[..., :half].mean(1), (tokens[..., half:] * side[None, :, None]).mean(1) * 2], -1)
        out: Tensor = self.strip_head(torch.cat([pooled, facts], -1))
        return out


def stack(pictures: list[NDArray[np.float32]]) -> Tensor:
    """Pictures of one size as a tensor (N, H, W)."""
    return torch.from_numpy(np.stack(pictures))
