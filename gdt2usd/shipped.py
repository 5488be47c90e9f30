"""The only place that knows where `assets/` and `models/` are once installed.

They install inside the package (`gdt2usd.assets`, `gdt2usd.models`) and are plain folders on disk.
"""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

DEFAULT_MODEL = "vlsm-small"
"""The folder of `models/` that `build` and `evaluate` load when no other is named."""


def _folder(module: str) -> Path:
    spec = find_spec(module)
    if spec is None or spec.origin is None:
        raise FileNotFoundError(f"the package folder {module} is missing: reinstall gdt2usd")
    return Path(spec.origin).parent


def assets_folder() -> Path:
    """The workstation library, with `catalog.toml` in it."""
    return _folder("gdt2usd.assets")


def models_folder() -> Path:
    """Presets and the shipped checkpoint."""
    return _folder("gdt2usd.models")
