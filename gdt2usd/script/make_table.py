"""Makes `flexscript_table.json`, the parse table, from `flexscript.lark`: python -m gdt2usd.script.make_table

lark builds the LALR table once, here; at run time `parser` drives it without importing lark.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
GRAMMAR = FOLDER / "flexscript.lark"
TABLE = FOLDER / "flexscript_table.json"


def make_table() -> dict[str, Any]:
    """Rules as [left side, length, alias], states as {symbol: n}; n > 0 goes to state n - 1, n < 0 reduces by rule -n - 1.

    `$END: 0` accepts. State 0 is the start.
    """
    from lark import Lark
    from lark.lexer import Lexer
    from lark.parsers.lalr_analysis import Shift

    class Tokens(Lexer):
        """Stands in for a lexer: the tokens come from `lexer`."""

        def __init__(self, conf: object) -> None:
            del conf

        def lex(self, *_: object) -> Iterator[Any]:
            yield from ()

    grammar = Lark(GRAMMAR.read_text(encoding="utf-8"), parser="lalr", lexer=Tokens, keep_all_tokens=True)
    spelling = {t.name: t.pattern.value for t in grammar.terminals if t.pattern.type == "str"}
    parse_table: Any = grammar.parser.parser._parse_table
    rules = list(grammar.rules)
    numbers = {rule: n for n, rule in enumerate(rules)}
    start = parse_table.start_states["start"]
    order = [start]
    for state in order:
        reached = (target for _, (action, target) in sorted(parse_table.states[state].items()) if action is Shift)
        order += [target for target in dict.fromkeys(reached) if target not in order]
    renumbered = {state: n for n, state in enumerate(order)}
    states = []
    for state in order:
        row: dict[str, int] = {}
        for symbol, (action, target) in sorted(parse_table.states[state].items()):
            name = spelling.get(symbol, symbol)
            row[name] = renumbered[target] + 1 if action is Shift else -numbers[target] - 1
        states.append(row)
    accepting = renumbered[parse_table.end_states["start"]]
    states[accepting]["$END"] = 0
    return {
        "rules": [[rule.origin.name, len(rule.expansion), rule.alias or ""] for rule in rules],
        "states": states,
    }


if __name__ == "__main__":
    TABLE.write_text(json.dumps(make_table(), separators=(",", ":")) + "\n", encoding="utf-8")
