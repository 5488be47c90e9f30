"""Pictures and films of a stage: opens it, chooses the camera, runs an engine over the frames, writes PNG, GIF or MP4.

Engines: `preview` (ours, numpy, always there), `mitsuba` (extra `render`: path tracing), `cycles` (extra `cycles`: Blender in a
process of its own). Not covered: what the engines do (`stage.render_preview`, `stage.render_mitsuba`, `stage.render_cycles`).
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from gdt2usd.diagnostics import GdtError, error
from gdt2usd.stage.render_scene import RenderScene, View, camera_prims, fitted_view, open_stage, read_scene, read_view

Engine = Literal["preview", "mitsuba", "cycles"]
ENGINES: tuple[Engine, ...] = get_args(Engine)
PREFERRED_CAMERAS = ("Overview", "Hero")
STILL_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp")
FILM_SUFFIXES = (".mp4", ".gif")
MAX_PIXELS = 8192
Picture = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class RenderRequest:
    """What to render. `frames`: first and last time code and the step (None: one frame, the stage's first or `frame`)."""

    camera: str | None = None
    width: int = 1920
    height: int = 1080
    frame: float | None = None
    frames: tuple[float, float, float] | None = None
    fps: float = 24.0
    engine: Engine = "preview"
    samples: int = 64


@dataclass(frozen=True, slots=True)
class RenderResult:
    """What was rendered: file, camera, number of pictures, triangles in the last one, seconds in total."""

    out: Path
    camera: str
    pictures: int
    triangles: int
    seconds: float


def cameras(path: Path) -> list[str]:
    """The names of the stage's cameras."""
    return list(camera_prims(open_stage(path)))


def render(
    path: Path, out: Path, request: RenderRequest | None = None, advance: Callable[[int], None] = lambda _n: None
) -> RenderResult:
    """Render the stage at `path` to `out`; `advance(1)` after each picture.

    Raises `GdtError`: ST601 no stage, ST602 no such camera, ST603 engine not installed, ST604 nothing visible, ST605 kind of file.
    """
    wanted = request or RenderRequest()
    _check_output(out, wanted)
    started = time.perf_counter()
    stage = open_stage(path)
    name = _camera_name(camera_prims(stage), wanted.camera)
    if wanted.engine == "cycles":
        return _with_cycles(stage, path, out, name, wanted, started, advance)
    triangles = 0
    count = 0

    def pictures() -> Iterator[Picture]:
        nonlocal triangles, count
        for code in time_codes(wanted):
            scene = read_scene(stage, code)
            triangles = scene.triangle_count
            if not triangles:
                raise GdtError([error("ST604", f"nothing is visible in {path} at time code {code or 0:g}")])
            yield _picture(scene, view_of(stage, name, scene, wanted, code), wanted)
            count += 1
            advance(1)

    write_pictures(pictures(), out, wanted.fps)
    return RenderResult(out, name or "auto", count, triangles, time.perf_counter() - started)


def time_codes(request: RenderRequest) -> list[float | None]:
    """The time codes to render."""
    if request.frames is None:
        return [request.frame]
    first, last, step = request.frames
    return [float(first + i * step) for i in range(int((last - first) / step + 1e-9) + 1)]


def _check_output(out: Path, request: RenderRequest) -> None:
    suffix = out.suffix.lower()
    if suffix not in STILL_SUFFIXES + FILM_SUFFIXES:
        known = ", ".join(STILL_SUFFIXES + FILM_SUFFIXES)
        raise GdtError([error("ST605", f"cannot write {out.name}: no picture or film of that kind", hint=f"use one of {known}")])
    if request.frames is not None and suffix in STILL_SUFFIXES:
        raise GdtError(
            [error("ST605", f"{out.name} holds one picture, --frames makes many", hint="write to .mp4 or .gif, or use --frame")]
        )
    if not (1 <= request.width <= MAX_PIXELS and 1 <= request.height <= MAX_PIXELS):
        raise GdtError(
            [error("ST605", f"cannot render {request.width}x{request.height}", hint=f"1 to {MAX_PIXELS} pixels each way")]
        )
    if not out.parent.is_dir():
        raise GdtError([error("ST605", f"the folder {out.parent} does not exist")])


def _camera_name(found: dict[str, Any], wanted: str | None) -> str | None:
    if wanted is None:
        return next((name for name in PREFERRED_CAMERAS if name in found), next(iter(found), None))
    if wanted == "auto":
        return None
    folded = {name.casefold(): name for name in found}
    if wanted.casefold() not in folded:
        names = ", ".join(found) or "none"
        raise GdtError([error("ST602", f"the stage has no camera {wanted!r}", hint=f"its cameras: {names}; or auto")])
    return folded[wanted.casefold()]


def view_of(stage: Any, camera: str | None, scene: RenderScene, request: RenderRequest, code: float | None) -> View:
    """The named camera's view, or one that shows everything."""
    aspect = request.width / request.height
    if camera is not None:
        return read_view(camera_prims(stage)[camera], aspect, code)
    corners = scene.world()[0].reshape(-1, 3)
    return fitted_view(corners.min(axis=0).astype(np.float64), corners.max(axis=0).astype(np.float64), aspect)


def _picture(scene: RenderScene, view: View, request: RenderRequest) -> Picture:
    if request.engine == "mitsuba":
        from gdt2usd.stage.render_mitsuba import render_mitsuba

        return render_mitsuba(scene, view, request.width, request.height, request.samples)
    from gdt2usd.stage.render_preview import render_preview

    return render_preview(scene, view, request.width, request.height)


def _with_cycles(
    stage: Any, path: Path, out: Path, camera: str | None, request: RenderRequest, started: float, advance: Callable[[int], None]
) -> RenderResult:
    from gdt2usd.stage.render_cycles import render_cycles

    codes = time_codes(request)
    scene = read_scene(stage, codes[0])
    view = view_of(stage, camera, scene, request, codes[0])
    with tempfile.TemporaryDirectory() as folder:
        files = render_cycles(stage, view, request, codes, Path(folder), advance)
        write_pictures((_read_picture(file) for file in files), out, request.fps)
    return RenderResult(out, camera or "auto", len(codes), scene.triangle_count, time.perf_counter() - started)


def _read_picture(file: Path) -> Picture:
    from PIL import Image

    return np.asarray(Image.open(file).convert("RGB"))


def write_pictures(pictures: Iterator[Picture], out: Path, fps: float) -> None:
    """Write one picture, or all of them as a film; the file appears only when it is complete."""
    part = out.with_name(f".{out.stem}.part{out.suffix.lower()}")
    try:
        suffix = out.suffix.lower()
        if suffix == ".gif":
            _write_gif(pictures, part, fps)
        elif suffix == ".mp4":
            _write_mp4(pictures, part, fps)
        else:
            from PIL import Image

            Image.fromarray(next(pictures)).save(part, quality=92)
            next(pictures, None)
        part.replace(out)
    finally:
        part.unlink(missing_ok=True)


def _write_gif(pictures: Iterator[Picture], out: Path, fps: float) -> None:
    from PIL import Image

    frames = [Image.fromarray(p).quantize(128, dither=Image.Dither.NONE) for p in pictures]
    frames[0].save(out, save_all=True, append_images=frames[1:], duration=max(20, round(1000 / fps)), loop=0, optimize=False)


def _write_mp4(pictures: Iterator[Picture], out: Path, fps: float) -> None:
    """MPEG-4 part 2, which every OpenCV wheel can write: plays in VLC, PowerPoint and QuickTime, not in every browser."""
    import cv2

    writer = None
    try:
        for picture in pictures:
            height, width = (n - n % 2 for n in picture.shape[:2])
            if writer is None:
                writer = cv2.VideoWriter(str(out), cv2.VideoWriter.fourcc(*"mp4v"), fps, (width, height))
                if not writer.isOpened():
                    raise GdtError([error("ST605", "OpenCV cannot write MP4 here", hint="write a .gif instead")])
            writer.write(np.ascontiguousarray(picture[:height, :width, ::-1]))
    finally:
        if writer is not None:
            writer.release()


def missing_engine(engine: Engine, extra: str) -> GdtError:
    """The error for an engine whose package is not installed."""
    return GdtError(
        [error("ST603", f"the engine {engine} is not installed", hint=f"pip install 'gdt2usd[{extra}]', or use --engine preview")]
    )
