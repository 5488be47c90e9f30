"""Makes `import torchvision` succeed beside a CPU build of torch, before timm, open_clip or transformers import it.

The registry's torchvision wheel is built for CUDA; beside a CPU torch its compiled operators do not load and the import fails
with "operator torchvision::nms does not exist". The Python part works once the two schemas are declared; no compiled operator
is called by what this package uses. A working torchvision is left alone.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_declared: list[object] = []


def ensure_torchvision() -> None:
    """Import torchvision, declaring its missing operator schemas if that is what stops it."""
    try:
        importlib.import_module("torchvision")
        return
    except RuntimeError as problem:
        if "torchvision::nms" not in str(problem):
            raise
    for name in [m for m in sys.modules if m == "torchvision" or m.startswith("torchvision.")]:
        del sys.modules[name]
    import torch

    library: Any = torch.library.Library("torchvision", "FRAGMENT")  # type: ignore[no-untyped-call]
    for schema in _SCHEMAS:
        library.define(schema)
    _declared.append(library)  # a Library is undone when it is collected
    importlib.import_module("torchvision")
