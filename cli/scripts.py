"""Reads scripts for the commands: a file, or standard input for `-`; any encoding that FlexSim's users have."""

from __future__ import annotations

import sys
from pathlib import Path

from gdt2usd.diagnostics import GdtError, Place, error
from gdt2usd.script.source import Script

MAX_BYTES = 16_000_000


def read_script(file: str) -> Script:
    """The script in `file`. UTF-8 with or without a byte-order mark, UTF-16 with one, else Latin-1. Raises GdtError, OSError."""
    if file == "-":
        return Script(_decode(sys.stdin.buffer.read(MAX_BYTES + 1), "<stdin>"), "<stdin>", "stdin")
    path = Path(file)
    with path.open("rb") as stream:
        return Script(_decode(stream.read(MAX_BYTES + 1), file), file)


def _decode(content: bytes, name: str) -> str:
    if len(content) > MAX_BYTES:
        raise GdtError([error("FS109", f"the script is larger than {MAX_BYTES:,} bytes", Place(name))], name=name)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")
