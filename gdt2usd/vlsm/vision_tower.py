"""The vision tower: an open_clip image encoder that gives patch tokens, (N, 3, H, W) -> (N, P, d_vision).

By name: OpenAI CLIP and OpenCLIP towers (`ViT-B-32`, ...; weights from a local file), or a small timm trunk without pretrained
weights. Not covered: cutting a sketch into crops (`vlsm.regions`).
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from gdt2usd.vlsm.torchvision_schema import ensure_torchvision


class VisionTower(nn.Module):
    """`trunk` is open_clip's visual module; non-square input is fine for convolutional trunks."""

    def __init__(self, trunk: nn.Module, width: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.width = width

    def forward(self, images: Tensor) -> Tensor:
        """(N, 3, H, W) float in [0, 1] -> (N, P, width)."""
        inner: Any = self.trunk
        if hasattr(inner, "trunk"):  # an open_clip TimmModel
            features: Tensor = inner.trunk.forward_features(images)
            grid: Tensor = features.flatten(2).transpose(1, 2) if features.dim() == 4 else features
            return grid
        out = inner(images)
        tokens: Tensor = out[1] if isinstance(out, tuple) else out[:, None]
        return tokens


def build_timm_tower(name: str, image_size: tuple[int, int]) -> VisionTower:
    """A timm trunk held by open_clip, without pretrained weights.

    Args:
        name: a timm model, e.g. `convnext_atto`.
        image_size: (H, W) in pixels.
    """
    ensure_torchvision()
    from open_clip.timm_model import TimmModel

    trunk = TimmModel(name, embed_dim=64, image_size=image_size, pool="avg", proj="linear", pretrained=False)
    with torch.no_grad():
        trunk.eval()
        width = int(trunk.trunk.forward_features(torch.zeros(1, 3, *image_size)).shape[1])
    return VisionTower(trunk, width)


def build_clip_tower(name: str, weights: str | None = None) -> VisionTower:
    """A tower of CLIP or OpenCLIP by open_clip's model name; `weights` is a local safetensors file, never a download.

    Raises:
        ValueError: open_clip knows no model of that name.
    """
    ensure_torchvision()
    import open_clip

    if name not in open_clip.list_models():
        raise ValueError(f"open_clip knows no model {name!r}; `open_clip.list_models()` lists them")
    model = open_clip.create_model(name, pretrained=weights, output_dict=True)
    visual: Any = model.visual
    if hasattr(visual, "output_tokens"):
        visual.output_tokens = True
    with torch.no_grad():
        size = visual.image_size if isinstance(visual.image_size, tuple) else (visual.image_size, visual.image_size)
        out = visual(torch.zeros(1, 3, *size))
    width = int((out[1] if isinstance(out, tuple) else out).shape[-1])
    return VisionTower(visual, width)
