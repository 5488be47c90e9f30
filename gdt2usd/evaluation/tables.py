"""Figures as tables, in Markdown, LaTeX and CSV, with the paper's best figures beside them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gdt2usd.evaluation.suite import FIGURES, Result, by, figures

PAPER_BEST = {"SVR": 0.9990, "PMR": 0.9932, "ESR": 0.8820, "BLEU-4": 0.9886}
"""The best of each figure over the paper's models (arXiv 2512.20387), on its own test split of 6,014 triplets."""
PAPER_NAME = "paper, best of each (own test split)"
_LATEX = str.maketrans({"%": r"\%", "_": r"\_", "&": r"\&", "#": r"\#"})


@dataclass(frozen=True, slots=True)
class Table:
    """A title, a header and rows of cells; the first column names the row."""

    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def _cell(name: str, value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.2f}" if name == "seconds" else f"{value:.4f}"


def _row(label: str, count: int | None, found: dict[str, float]) -> tuple[str, ...]:
    return (label, "" if count is None else str(count), *(_cell(name, found.get(name)) for name in FIGURES))


def compare(title: str, answers: Mapping[str, Sequence[Result]]) -> Table:
    """One row per reader, and the paper's best."""
    rows = [_row(name, len(results), figures(results)) for name, results in answers.items()]
    return Table(title, ("reader", "cases", *FIGURES), (*rows, _row(PAPER_NAME, None, PAPER_BEST)))


def breakdown(title: str, results: Sequence[Result], category: str) -> Table:
    """One row per value of a category."""
    rows = [_row(value, len(group), figures(group)) for value, group in by(results, category).items()]
    return Table(title, (category, "cases", *FIGURES), tuple(rows))


def markdown(table: Table) -> str:
    """A Markdown table under its title."""
    lines = [f"### {table.title}", "", "| " + " | ".join(table.header) + " |"]
    lines.append("|" + "|".join("---" if i == 0 else "---:" for i in range(len(table.header))) + "|")
    lines += ["| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in table.rows]
    return "\n".join(lines) + "\n"


def latex(table: Table) -> str:
    """A booktabs tabular with its caption."""
    body = [" & ".join(cell.translate(_LATEX) for cell in row) + r" \\" for row in table.rows]
    head = " & ".join(cell.translate(_LATEX) for cell in table.header) + r" \\"
    columns = "l" + "r" * (len(table.header) - 1)
    lines = [r"\begin{table}", rf"\caption{{{table.title.translate(_LATEX)}}}", rf"\begin{{tabular}}{{{columns}}}", r"\toprule"]
    return "\n".join([*lines, head, r"\midrule", *body, r"\bottomrule", r"\end{tabular}", r"\end{table}"]) + "\n"


def csv_text(tables: Sequence[Table]) -> str:
    """All tables one under the other, the title in the first column."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for table in tables:
        writer.writerow(["table", *table.header])
        writer.writerows([table.title, *row] for row in table.rows)
    return out.getvalue()
