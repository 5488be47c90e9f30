"""What is in a set: shares of every layer's categories beside those asked for, sizes, names, pictures, variety of the prompts.

Categories are those of the paper's figure 3. Not covered: whether the scripts hold (`verify`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from gdt2usd.dataset.generate import Config
from gdt2usd.dataset.layers.draft import MACHINES
from gdt2usd.dataset.sample import Sample
from gdt2usd.dataset.variety import Counting, Variety, masked_prompt
from gdt2usd.graph.serial import kind_of

ASPECTS = (
    "industry", "automation", "layout", "line", "feature", "parameters", "modality", "register", "style", "script_style", "kind",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts by aspect (`ASPECTS`), machines per line, distinct names, and the variety of the prompts.

    `coverage`: of each example prompt the share of its masked n-grams that occur in the set, by n.
    """

    samples: int
    counts: dict[str, dict[str, int]]
    machines: dict[int, int]
    names: int
    names_once: float
    words_per_prompt: float
    lines_per_script: float
    mentions: int
    variety: Variety
    coverage: dict[str, dict[int, float]] = field(default_factory=dict)

    @property
    def mean_machines(self) -> float:
        """Machines per line."""
        return sum(count * lines for count, lines in self.machines.items()) / max(1, self.samples)


def asked(config: Config | None = None) -> dict[str, Mapping[str, float]]:
    """The shares that the standard or another config asks for, where a layer draws by weight."""
    config = config or Config()
    return {
        "industry": config.industries,
        "line": config.line_types,
        "automation": config.automations,
        "modality": {str(mode): share for mode, share in config.modalities.items()},
    }


def gather(samples: Iterable[Sample], examples: Iterable[tuple[str, str]] = ()) -> Statistics:
    """Count everything over `samples`; `examples` are (name, masked prompt) whose n-grams are looked for."""
    counts: dict[str, Counter[str]] = {aspect: Counter() for aspect in ASPECTS}
    machines: Counter[int] = Counter()
    names: Counter[str] = Counter()
    counting = Counting()
    total = words = lines = mentions = 0
    for one in samples:
        total += 1
        kinds = [kind_of(thing) for thing in (*one.graph.stations, *one.graph.resources)]
        machines[sum(kind in MACHINES for kind in kinds)] += 1
        counts["kind"].update(kinds)
        names.update(thing.id for thing in (*one.graph.stations, *one.graph.resources))
        for aspect in ("industry", "automation", "layout"):
            counts[aspect][getattr(one.categories, aspect)] += 1
        counts["line"][one.categories.line[0]] += 1
        counts["feature"].update(one.categories.line[1:])
        counts["parameters"].update(one.categories.parameters)
        counts["modality"][str(one.modality)] += 1
        counts["register"][one.prompt.register] += 1
        counts["script_style"][one.script_style] += 1
        if one.drawing is not None:
            counts["style"][one.drawing.style] += 1
        counting.add(masked_prompt(one.prompt))
        words += len(one.prompt.text.split())
        lines += one.script.count("\n")
        mentions += len(one.prompt.mentions)
    return Statistics(
        samples=total,
        counts={aspect: dict(found.most_common()) for aspect, found in counts.items()},
        machines=dict(sorted(machines.items())),
        names=len(names),
        names_once=sum(count == 1 for count in names.values()) / max(1, len(names)),
        words_per_prompt=words / max(1, total),
        lines_per_script=lines / max(1, total),
        mentions=mentions,
        variety=counting.result(),
        coverage={name: counting.coverage(text) for name, text in examples},
    )


def as_json(statistics: Statistics) -> dict[str, object]:
    """The figures for programs."""
    variety = statistics.variety
    return {
        "samples": statistics.samples,
        "counts": statistics.counts,
        "machines": {str(count): lines for count, lines in statistics.machines.items()},
        "mean_machines": statistics.mean_machines,
        "distinct_names": statistics.names,
        "names_seen_once": statistics.names_once,
        "words_per_prompt": statistics.words_per_prompt,
        "lines_per_script": statistics.lines_per_script,
        "mentions": statistics.mentions,
        "masked_prompts": {
            "tokens": variety.tokens,
            "distinct_ngrams": {str(length): count for length, count in variety.distinct_ngrams.items()},
            "sentences": variety.sentences,
            "sentence_skeletons": variety.skeletons,
            "skeletons_seen_once": variety.seen_once,
            "compression_ratio": variety.compression,
        },
        "example_coverage": {name: {str(n): share for n, share in found.items()} for name, found in statistics.coverage.items()},
    }
