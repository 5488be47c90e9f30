"""`gdt2usd render`: a picture or a film of a stage."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import typer

from . import console


@console.reports_errors
def render(
    path: Annotated[Path, typer.Argument(metavar="DIR|FILE", help="A stage folder, or a .usd, .usda, .usdc or .usdz file.")],
    out: Annotated[Path, typer.Option("--out", help="The picture (.png, .jpg, .webp) or film (.mp4, .gif).")],
    camera: Annotated[str | None, typer.Option("--camera", help="A camera of the stage, or auto. Default: Overview.")] = None,
    size: Annotated[str, typer.Option("--size", help="Width x height in pixels.")] = "1920x1080",
    frame: Annotated[float | None, typer.Option("--frame", help="Time code. Default: the first.")] = None,
    frames: Annotated[str | None, typer.Option("--frames", help="First:last[:step] time codes, for a film.")] = None,
    fps: Annotated[float, typer.Option("--fps", min=1, max=120, help="Pictures per second of the film.")] = 24.0,
    engine: Annotated[
        str, typer.Option("--engine", help="preview, mitsuba (extra `render`) or cycles (extra `cycles`).")
    ] = "preview",
    samples: Annotated[int, typer.Option("--samples", min=1, max=65536, help="Samples per pixel of mitsuba and cycles.")] = 64,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was rendered as JSON.")] = False,
) -> None:
    """Render a stage to a picture or a film."""
    from gdt2usd.stage.render import ENGINES, RenderRequest, time_codes
    from gdt2usd.stage.render import render as render_stage

    if engine not in ENGINES:
        console.usage_error(f"no engine {engine!r}: use one of {', '.join(ENGINES)}")
    chosen = next(e for e in ENGINES if e == engine)
    try:
        width, height = parse_size(size)
        span = parse_frames(frames) if frames is not None else None
    except ValueError as problem:
        console.usage_error(str(problem))
    request = RenderRequest(camera, width, height, frame, span, fps, chosen, samples)
    with console.progress("render", len(time_codes(request)), quiet=as_json) as advance:
        made = render_stage(path, out, request, advance)
    if as_json:
        console.print_json(
            {
                "out": str(made.out),
                "camera": made.camera,
                "pictures": made.pictures,
                "triangles": made.triangles,
                "seconds": made.seconds,
            }
        )
        return
    many = f"{made.pictures} pictures" if made.pictures > 1 else "1 picture"
    console.print_text(
        f"{made.out}: {many}, {width}x{height}, camera {made.camera}, {made.triangles} triangles, {made.seconds:.1f} s"
    )


def parse_size(text: str) -> tuple[int, int]:
    """`1920x1080` as (1920, 1080). Raises ValueError that says what is accepted."""
    match = re.fullmatch(r"\s*(\d{1,5})\s*[xX*]\s*(\d{1,5})\s*", text)
    if not match or int(match[1]) < 1 or int(match[2]) < 1:
        raise ValueError(f"{text!r} is no size: write WIDTHxHEIGHT, for example 1920x1080")
    return int(match[1]), int(match[2])


def parse_frames(text: str) -> tuple[float, float, float]:
    """`0:240:2` as (0, 240, 2). Raises ValueError that says what is accepted."""
    try:
        values = [float(part) for part in text.split(":")]
    except ValueError:
        values = []
    if len(values) == 2:
        values.append(1.0)
    if len(values) != 3 or not values[2] > 0 or not values[1] >= values[0] or (values[1] - values[0]) / values[2] > 100_000:
        raise ValueError(f"{text!r} is no range of frames: write FIRST:LAST or FIRST:LAST:STEP, for example 0:240")
    return values[0], values[1], values[2]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(render)
