"""Every token sequence that the grammar lets through is FlexScript that parses, checks and runs."""

from __future__ import annotations

import numpy as np
import pytest

from gdt2usd.evaluation.executed import execute
from gdt2usd.vlsm.render import read_tokens, render
from gdt2usd.vlsm.script_tokens import CONNECTIONS, END, FIRST_NUMBER, FIRST_OBJECT, IDS, KINDS, TOKENS, Grammar
from tests.vlsm.inputs import NAMES, encoded


def _walk(rng: np.random.Generator, objects: int, numbers: int) -> list[int]:
    """A random walk; objects are declared first, and it hurries to its end after 120 tokens."""
    grammar = Grammar(objects, numbers)
    tokens: list[int] = []
    while grammar.stack:
        allowed = sorted(grammar.allowed())
        assert allowed, [TOKENS[t] for t in tokens]
        if END in allowed and (len(tokens) > 120 or rng.random() < 0.03):
            token = END
        else:
            token = allowed[int(rng.integers(len(allowed)))]
        grammar.advance(token)
        tokens.append(token)
    return tokens


@pytest.mark.parametrize("seed", range(25))
def test_every_walk_runs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    given = encoded(lambda n: [int(i) for i in rng.permutation(n)][:n])
    # references that the input does not have are left out by the decoder; here the input's own come first
    given.object_ids[:] = range(len(given.object_ids))
    given.number_ids[:] = range(len(given.number_ids))
    tokens = _walk(rng, len(given.objects), len(given.numbers))
    script = render(read_tokens(tokens, given))
    made = execute(script)
    wrong = [d for d in made.diagnostics if d.severity == "error" and d.code.startswith("FS")]
    assert not wrong, (wrong[:3], script)
    assert made.tree is not None
    declared = sum(TOKENS[t] in KINDS for t in tokens)
    assert len(made.tree.objects) == declared
    pairs = {frozenset((c.upstream, c.downstream)) for c in made.tree.connections}
    assert bool(pairs) == any(TOKENS[t] in CONNECTIONS for t in tokens)


def test_names_with_quotes_come_through() -> None:
    given = encoded()
    tokens = [
        IDS["form:linear"],
        FIRST_OBJECT,
        IDS["processor"],
        IDS["process"],
        IDS["~constant"],
        FIRST_NUMBER + 1,
        IDS["u:min"],
        END,
    ]
    made = execute(render(read_tokens(tokens, given)))
    assert made.tree is not None
    assert made.tree.objects[0].name == NAMES[0]


def test_an_object_is_declared_once_and_connections_need_two() -> None:
    grammar = Grammar(2, 1)
    for token in ("form:u", "<o0>", "source"):
        grammar.advance(IDS[token])
    assert IDS["link"] not in grammar.allowed()
    assert FIRST_OBJECT not in grammar.allowed()
    grammar.advance(FIRST_OBJECT + 1)
    grammar.advance(IDS["sink"])
    assert IDS["link"] in grammar.allowed()
    grammar.advance(IDS["link"])
    assert grammar.allowed() == {FIRST_OBJECT}  # nothing leaves a sink
    grammar.advance(FIRST_OBJECT)
    assert grammar.allowed() == {FIRST_OBJECT + 1}
