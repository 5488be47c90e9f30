"""The cycles engine: Blender's path tracer, run as a process of its own on a flattened copy of the stage. Needs the extra `cycles`.

Blender (`bpy`, GPL-3.0) is never imported here: `cycles_script.py` runs in an interpreter that has it. `GDT2USD_BLENDER_PYTHON`
names that interpreter; without it, this one is tried. Not covered: films faster than one process per frame.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gdt2usd.diagnostics import GdtError, error
from gdt2usd.stage.render_light import SUN
from gdt2usd.stage.render_scene import View

SCRIPT = Path(__file__).with_name("cycles_script.py")
TIMEOUT_S = 3600


def _interpreter() -> str:
    from gdt2usd.stage.render import missing_engine

    python = os.environ.get("GDT2USD_BLENDER_PYTHON", sys.executable)
    try:
        found = subprocess.run(
            [python, "-c", "import importlib.util, sys; sys.exit(importlib.util.find_spec('bpy') is None)"],
            capture_output=True,
            check=False,
            timeout=60,
        )
    except (OSError, subprocess.TimeoutExpired):
        raise missing_engine("cycles", "cycles") from None
    if found.returncode != 0:
        raise missing_engine("cycles", "cycles")
    return python


def render_cycles(
    stage: Any, view: View, request: Any, codes: Sequence[float | None], folder: Path, advance: Callable[[int], None]
) -> list[Path]:
    """One PNG per time code in `folder`. Raises `GdtError` (ST603) if Blender is missing or fails."""
    python = _interpreter()
    flat = folder / "flat.usdc"
    stage.Flatten().Export(str(flat))
    files = []
    for number, code in enumerate(codes):
        out = folder / f"{number:06d}.png"
        job = {
            "stage": str(flat),
            "out": str(out),
            "frame": code,
            "size": [request.width, request.height],
            "samples": request.samples,
            "eye": view.eye.tolist(),
            "axes": [view.right.tolist(), view.up.tolist(), (-view.forward).tolist()],
            "tan_x": view.tan_x,
            "sun": SUN.tolist(),
        }
        done = subprocess.run(
            [python, str(SCRIPT), json.dumps(job)], capture_output=True, text=True, check=False, timeout=TIMEOUT_S
        )
        if done.returncode != 0 or not out.exists():
            last = (done.stderr.strip() or done.stdout.strip() or "no output").splitlines()[-1]
            raise GdtError([error("ST603", f"Blender failed: {last}", hint="use --engine preview")])
        files.append(out)
        advance(1)
    return files
