"""The explanations of all diagnostics, gathered from the `codes.toml` of each package folder."""

from __future__ import annotations

import tomllib
from pathlib import Path

import gdt2usd


def all_codes() -> dict[str, dict[str, str]]:
    """Code to {"title", "explanation", "example"}, sorted by code."""
    found: dict[str, dict[str, str]] = {}
    for path in sorted(Path(gdt2usd.__file__).parent.glob("**/codes.toml")):
        found |= tomllib.loads(path.read_text(encoding="utf-8"))
    return dict(sorted(found.items()))
