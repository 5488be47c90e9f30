"""A stage in one file: `.usdz` for USD programs, `.glb` for browsers and presentations, `.html` to look at without either.

Files are written whole or not at all. Not covered: how the GLB is made (`export_scene`, `export_glb`).
"""

from __future__ import annotations

import errno
import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from gdt2usd.diagnostics import GdtError, Place, error
from gdt2usd.stage.validate import root_of


def write_usdz(stage_dir: Path, out: Path) -> Path:
    """The package of a stage folder (or root layer), everything it refers to inside.

    Raises:
        GdtError: ST401 there is no stage; ST202 `out` cannot be written; ST501 USD could not package it.
    """
    from pxr import Tf, UsdUtils

    root = _root(stage_dir)
    with _whole_file(out, ".usdz") as partial:
        try:
            done = UsdUtils.CreateNewUsdzPackage(str(root), str(partial))
        except Tf.ErrorException as problem:
            raise GdtError(
                [error("ST202", f"cannot write the package: {' '.join(str(problem).split())[:300]}", Place(str(out)))]
            ) from problem
        if done and not _is_whole(partial):
            raise OSError(errno.ENOSPC, "the package is not whole: is the disk full?", str(partial))
        if not done:
            raise GdtError([error("ST501", "USD could not package the stage", Place(str(root)), "run `gdt2usd validate` on it")])
    return out


def _is_whole(package: Path) -> bool:
    """Whether a package can be read to its end: USD does not say when the disk was full."""
    try:
        with zipfile.ZipFile(package) as archive:
            return bool(archive.namelist()) and archive.testzip() is None
    except (zipfile.BadZipFile, EOFError):
        return False


def write_glb(stage_dir: Path, out: Path) -> Path:
    """The stage as binary glTF 2.0: shared meshes as instances, the animation as tracks that any viewer plays.

    Raises:
        GdtError: ST401 there is no stage; ST402 USD cannot open it; ST202 `out` cannot be written.
    """
    from gdt2usd.stage.export_scene import glb_of

    content = glb_of(_root(stage_dir))
    with _whole_file(out, ".glb") as partial:
        partial.write_bytes(content)
    return out


def write_html(stage_dir: Path, out: Path, title: str = "") -> Path:
    """One page that plays the stage in a browser without a network; its title is the factory's. Raises as `write_glb` does."""
    from gdt2usd.stage.export_scene import glb_of
    from gdt2usd.stage.export_viewer import page_of

    root = _root(stage_dir)
    page = page_of(glb_of(root), title or _title(root))
    with _whole_file(out, ".html") as partial:
        partial.write_text(page, encoding="utf-8")
    return out


def _title(root: Path) -> str:
    """What the stage calls itself."""
    from pxr import Usd

    stage = Usd.Stage.Open(str(root))
    return str(stage.GetDefaultPrim().GetDisplayName()) or "Factory"


def _root(stage_dir: Path) -> Path:
    root = root_of(stage_dir)
    if root is None:
        raise GdtError(
            [error("ST401", "there is no stage here", Place(str(stage_dir)), "give the folder that `gdt2usd stage` wrote")]
        )
    return root


@contextmanager
def _whole_file(out: Path, suffix: str) -> Iterator[Path]:
    """A temporary file beside `out` that takes its place when the block ends well."""
    partial = out.parent / f".{out.stem[:80]}.partial-{os.getpid()}{suffix}"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        yield partial
        partial.replace(out)
    except OSError as problem:
        reason = problem.strerror or str(problem)
        raise GdtError([error("ST202", f"cannot write the file: {reason}", Place(str(out)))]) from problem
    finally:
        partial.unlink(missing_ok=True)
