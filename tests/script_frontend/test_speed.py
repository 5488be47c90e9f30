"""How long the front end takes, in processor time: `pytest -m benchmark -s tests/script_frontend`."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from gdt2usd.script.checker import check
from gdt2usd.script.interpreter import interpret
from gdt2usd.script.parser import parse
from gdt2usd.script.source import Script

LINES = 1000
LIMIT_S = 0.5


def thousand_lines() -> str:
    """A line of 125 machines, eight statements each."""
    machine = """Object p{n} = Object.create("Processor");
p{n}.name = "Machine {n}";
p{n}.setLocation({n} * 6, {n} % 7, 0, 0.5, 0.5, 0);
p{n}.setProperty("MaxContent", {n});
p{n}.setProperty("ProcessTime", "Object current = ownerobject(c);\\nreturn normal({n}, 2, getstream(current));");
p{n}.setProperty("UseTransport", 0);
if (p{n}.name == "x") {{ print("a" + "b", {n} * 2 + 1); }}
contextdragconnection(p{before}, p{n}, "A");
"""
    return "".join(machine.format(n=n, before=max(1, n - 1)) for n in range(1, LINES // 8 + 1))


@pytest.mark.benchmark
def test_a_thousand_lines_in_half_a_second() -> None:
    text = thousand_lines()
    assert text.count("\n") == LINES
    took = []
    for _ in range(3):
        began = time.process_time()
        program = parse(Script(text))
        parsed = time.process_time()
        assert not check(program)
        checked = time.process_time()
        interpret(program)
        done = time.process_time()
        took.append((done - began, parsed - began, checked - parsed, done - checked))
    total, parsing, checking, interpreting = min(took)
    print(f"{LINES} lines: parse {parsing:.3f} s, check {checking:.3f} s, interpret {interpreting:.3f} s, together {total:.3f} s")
    assert total < LIMIT_S


@pytest.mark.benchmark
def test_the_reference_loads_fast() -> None:
    code = "import time; from gdt2usd.script.reference import load; t = time.perf_counter(); load(); print(time.perf_counter() - t)"
    times = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout) for _ in range(3)
    ]
    print(f"reference loaded in {1000 * min(times):.1f} ms")
    assert min(times) < 0.04
