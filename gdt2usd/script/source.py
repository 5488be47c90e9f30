"""A FlexScript text and where it came from."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Script:
    """`text` as written; `name` for messages (a file name); `origin` who wrote it: "file", "vlsm", "graph", "stdin"."""

    text: str
    name: str = "script.fs"
    origin: str = "file"
