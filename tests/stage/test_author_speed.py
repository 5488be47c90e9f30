"""Authoring speed as a ratio to the floor in the same run, never as seconds."""

from __future__ import annotations

import pytest

from gdt2usd.stage.author_bench import bench_stage, busy_queue_log
from tests.stage.event_logs import content


def test_the_benchmark_log_is_what_it_says() -> None:
    log = busy_queue_log(5, 3)
    assert content(log, log.horizon_s)["Queue"] == 5


@pytest.mark.benchmark
def test_authoring_is_within_twice_the_floor() -> None:
    rows = bench_stage()
    assert [row["what"].split(",")[0].split(" ")[0] for row in rows[:3]] == ["100", "1000", "10000"]
    for row in rows:
        assert row["ratio"] <= 2.0, row
    assert rows[2]["open_s"] < 1.0
