"""Whole or not at all: failing writes and killed runs leave no half stage, and foreign folders are left alone."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gdt2usd.diagnostics import GdtError
from gdt2usd.stage.author import author_stage
from tests.stage import factories

_LIMITED = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
from pathlib import Path
from gdt2usd.diagnostics import GdtError
from gdt2usd.stage.author import author_stage
from tests.stage import factories
try:
    author_stage(factories.linear(), Path(sys.argv[1]))
except GdtError as problem:
    print(problem.diagnostics[0].code)
"""

_SLOW = """
import sys, time
from pathlib import Path
from gdt2usd.stage import author
from tests.stage import factories
def slow(*args):
    print("writing", flush=True)
    time.sleep(60)
author._copy_assets = slow
author.author_stage(factories.linear(), Path(sys.argv[1]))
"""


def _python(code: str, out: Path) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", code, str(out)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.parametrize("limit", [0, 2_000, 12_000])
def test_a_full_disk_leaves_nothing(limit: int, tmp_path: Path) -> None:
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[1] == resource.RLIM_INFINITY
    out, errors = _python(_LIMITED.format(limit=limit), tmp_path / "stage").communicate(timeout=60)
    assert out.strip() == "ST202", errors
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_keeps_the_earlier_stage(tmp_path: Path) -> None:
    made = author_stage(factories.linear(), tmp_path / "stage")
    before = made.root.read_bytes()
    out, errors = _python(_LIMITED.format(limit=2_000), tmp_path / "stage").communicate(timeout=60)
    assert out.strip() == "ST202", errors
    assert made.root.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["stage"]


def test_a_read_only_folder_is_an_error(tmp_path: Path) -> None:
    """The superuser may write everywhere but in /proc."""
    place = Path("/proc") if os.geteuid() == 0 else tmp_path
    if place is tmp_path:
        tmp_path.chmod(0o500)
    try:
        with pytest.raises(GdtError, match="ST202"):
            author_stage(factories.linear(), place / "stage")
    finally:
        tmp_path.chmod(0o700)


def test_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    for out, code in ((tmp_path / "file", "ST201"), (tmp_path / "file" / "stage", "ST202")):
        with pytest.raises(GdtError, match=code):
            author_stage(factories.linear(), out)
    assert (tmp_path / "file").read_text() == "mine"


def test_a_foreign_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("do not touch")
    with pytest.raises(GdtError, match="ST201"):
        author_stage(factories.linear(), tmp_path)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_killed_run_leaves_no_stage_and_the_next_one_cleans_up(tmp_path: Path) -> None:
    process = _python(_SLOW, tmp_path / "stage")
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.readline().strip() == "writing"
    process.send_signal(signal.SIGKILL)
    process.wait(timeout=10)
    process.stdout.close()
    process.stderr.close()
    assert not (tmp_path / "stage").exists()
    time.sleep(0.05)
    author_stage(factories.linear(), tmp_path / "stage")
    assert [p.name for p in tmp_path.iterdir()] == ["stage"]
