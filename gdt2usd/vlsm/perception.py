"""The network that looks at a sketch: for every place whether a line between shapes runs there, which way, and where it ends;
for every label where its shape is and what kind of thing it shows.

An open_clip tower around a timm trunk gives features at five strides; a small decoder brings them to every second pixel.
Not covered: cutting and normalising the picture (`vlsm.seeing`), following the lines (`vlsm.tracing`).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from gdt2usd.vlsm.maps import KIND_COUNT, LINE_MAPS, OBJECT_MAPS
from gdt2usd.vlsm.vision_tower import build_timm_tower

TRUNK = "test_resnet"
WIDTHS = (32, 48, 64, 96, 128)
"""Channels of the decoder at strides 2, 4, 8, 16, 32."""


class _Step(nn.Module):
    """Two 3x3 convolutions with a shortcut."""

    def __init__(self, width: int, dilation: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, padding=dilation, dilation=dilation, bias=False)
        self.norm = nn.BatchNorm2d(width)
        self.second = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.after = nn.BatchNorm2d(width)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = F.relu(x + self.after(self.second(F.relu(self.norm(self.first(x))))))
        return out


class Perception(nn.Module):
    """Input (N, 3, H, W), H and W multiples of 32: ink 0..1, all labels 0/1, labels that are names 0/1 -> maps.

    The maps are lines (N, LINE_MAPS, H/2, W/2) and objects (N, OBJECT_MAPS, H/8, W/8), without activation; `vlsm.maps` names them.
    """

    def __init__(self, trunk: str = TRUNK) -> None:
        super().__init__()
        self.tower = build_timm_tower(trunk, (384, 384))
        inner: Any = self.tower.trunk.trunk
        with torch.no_grad():
            found = [f.shape[1] for f in inner.eval().forward_intermediates(torch.zeros(1, 3, 64, 64), intermediates_only=True)]
        self.into = nn.ModuleList(nn.Conv2d(a, b, 1) for a, b in zip(found, WIDTHS, strict=True))
        self.down = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairwise(WIDTHS))
        self.steps = nn.ModuleList([_Step(32), _Step(48), _Step(64), nn.Sequential(_Step(96, 2), _Step(96, 4)), _Step(128, 2)])
        self.lines = nn.Conv2d(WIDTHS[0], LINE_MAPS, 1)
        self.objects = nn.Sequential(nn.Conv2d(WIDTHS[2], 128, 3, padding=1), nn.ReLU(), nn.Conv2d(128, OBJECT_MAPS, 1))
        nn.init.constant_(self.lines.bias[:10], -3.0)  # type: ignore[index]

    def forward(self, pictures: Tensor) -> tuple[Tensor, Tensor]:
        trunk: Any = self.tower.trunk.trunk
        features = trunk.forward_intermediates(pictures, intermediates_only=True)
        out = self.steps[4](self.into[4](features[4]))
        eighth = out
        for level in (3, 2, 1, 0):
            coarse = F.interpolate(self.down[level](out), scale_factor=2.0, mode="nearest")
            out = self.steps[level](self.into[level](features[level]) + coarse)
            if level == 2:
                eighth = out
        return self.lines(out), self.objects(eighth)


__all__ = ["KIND_COUNT", "Perception"]
