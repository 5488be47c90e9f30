"""Writing a folder whole or not at all: everything goes to a temporary folder beside it, which is then renamed.

Not covered: what is written.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from gdt2usd.diagnostics import Diagnostic, GdtError, Place, error

_PARTIAL = ".partial-"


@contextlib.contextmanager
def whole_folder(out: Path, mark: str, what: str = "the stage") -> Iterator[Path]:
    """A temporary folder that becomes `out` when the block ends well, and vanishes when it does not.

    An existing `out` is replaced only if it is empty or holds the file `mark` (it is of the kind that is being written).
    `what` names in the error what cannot be written.

    Raises:
        GdtError: ST201 `out` is something else; ST202 the folder cannot be written (full, read-only, gone).
    """
    out = out.absolute()
    _refuse_foreign(out, mark)
    partial = out.parent / f".{out.name}{_PARTIAL}{os.getpid()}"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _remove_abandoned(out)
        partial.mkdir()
        yield partial
        _swap(partial, out)
    except OSError as problem:
        raise GdtError([_cannot_write(out, problem, what)]) from problem
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _cannot_write(out: Path, problem: Exception, what: str) -> Diagnostic:
    reason = problem.strerror if isinstance(problem, OSError) and problem.strerror else _reason(str(problem))
    return error("ST202", f"cannot write {what}: {reason}", Place(str(out)), "is there space, and may you write there?")


def _reason(told: str) -> str:
    """What the system said, out of USD's report of every function that it went through."""
    first = next((line.strip() for line in told.splitlines() if line.strip()), "unknown reason")
    return first.rsplit(": ", 1)[-1].strip("'\" ")[:200] if first.startswith("Error in") else first[:200]


def write_failed(out: Path, problem: Exception) -> GdtError:
    """The error for a layer that USD could not write."""
    return GdtError([_cannot_write(out, problem, "the stage")])


def _refuse_foreign(out: Path, mark: str) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise GdtError([error("ST201", "there is a file of that name", Place(str(out)), "give another folder")])
    if any(out.iterdir()) and not (out / mark).exists():
        raise GdtError(
            [error("ST201", f"the folder holds other things (no {mark}) and is left alone", Place(str(out)), "give another folder")]
        )


def _remove_abandoned(out: Path) -> None:
    """Temporary folders that a killed run has left beside `out`."""
    for left in out.parent.glob(f".{out.name}{_PARTIAL}*"):
        process = left.name.rsplit("-", 1)[-1]
        if process.isdigit() and not _is_running(int(process)):
            shutil.rmtree(left, ignore_errors=True)


def _is_running(process: int) -> bool:
    if process == os.getpid():
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _swap(partial: Path, out: Path) -> None:
    """`partial` takes the place of `out`; if that fails, the old one stays."""
    if not out.exists():
        partial.rename(out)
        return
    aside = out.parent / f".{out.name}.old-{os.getpid()}"
    out.rename(aside)
    try:
        partial.rename(out)
    except OSError:
        aside.rename(out)
        raise
    shutil.rmtree(aside, ignore_errors=True)
