"""The baseline to beat: a reader of rules. OCR labels and capitalised words for names, word lists for kinds, regular expressions
for parameters, ink between two shapes for links. No network.

It stands in the tables so that everyone sees what the network earns. Parameters are `rules_parameters`, links `rules_links`.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from gdt2usd.diagnostics import GdtError, error
from gdt2usd.diagnostics import Place as Where
from gdt2usd.evaluation.rules_links import Wire, in_order, percents_of, wires_of
from gdt2usd.evaluation.rules_parameters import Said, parameters_in
from gdt2usd.sketch.labels import Role, role_of
from gdt2usd.sketch.sketch import Label, Sketch
from gdt2usd.vlsm.mentions import PROMPT, Named, Place, group, normalised
from gdt2usd.vlsm.render import Declared, Draft, Joined, Parameter, render
from gdt2usd.vlsm.script_tokens import KINDS, PARAMETERS, RESOURCE_CLASSES

_FIGURE = r"\d{1,2}\b(?!\s*(?:[.,]\d|±|%|/|\.\.|-|x\b|ms\b|s\b|sec|min|h\b|hr|hour|d\b|day|m\b|m/s|met|max|pcs|pieces|parts|items))"
_SPAN = re.compile(rf"\b[A-Z][\w/&'-]*(?: (?:of |and (?=[A-Z]\w+ [A-Z]))?(?:[A-Z][\w/&'-]*|{_FIGURE}))*")
_NO_NAMES = frozenset((Path(__file__).parent / "not_names.txt").read_text(encoding="utf-8").split())
_KIND_WORDS: tuple[tuple[str, str], ...] = (
    (r"dispatch", "dispatcher"),
    (r"\b(?:agv|amr|oht|shuttle|vehicle)", "agv"),
    (r"fork ?lift|transporter|stacker truck|pallet truck", "transporter"),
    (r"task ?execut", "task_executer"),
    (r"robot|cobot|\barm\b", "robot"),
    (r"\bcrane|hoist", "crane"),
    (r"operator|worker|technician|inspector\b|nurse|\bcrew|staff|fitter|joiner|welder\b", "operator"),
    (r"conveyor|\bbelt\b|roller", "conveyor"),
    (r"queue|buffer|\bwip\b|stocker|trolley|waiting|staging|accumulat|magazine|\bbin\b|\blane\b", "queue"),
    (r"\brack|storage|warehouse|\bstore\b|\bvault\b|supermarket", "storage"),
    (r"combin|assembl|kitting|marriage|palleti[sz]|case pack|track system", "combiner"),
    (r"separat|split|depalleti|unpack|singulat|unbundl", "separator"),
    (r"multi ?process", "multiprocessor"),
)
_TYPE = re.compile(
    r"\b(?:is|are|as|acts?|function|being|=|:)\s+(?:(?:a|an|the|two|three|four|six|\d+)\s+)?(?:[a-z-]+\s+)?"
    r"(source|queue|buffer|processor|combiner|separator|multiprocessor|conveyor|rack|sink|operator|robot|crane|dispatcher)s?\b",
    re.I,
)
_SENTENCE = re.compile(r"(?<=[.;!?])\s+|\n+")
_COUNTS = {"one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}


def _label_places(labels: tuple[Label, ...]) -> list[Place]:
    places = []
    for i, label in enumerate(labels):
        text = label.text.strip()
        if role_of(text) is Role.NAME and re.search(r"[A-Za-z]", text) and len(text.split()) <= 5 and "%" not in text:
            places.append(Place(i, 0, len(label.text), text, label.confidence))
    return places


def _echoes(prompt: str, names: list[str]) -> list[Place]:
    """Where the labels' names stand in the prompt, longest first."""
    found: list[Place] = []
    for name in sorted({n for n in names if len(n) > 1}, key=len, reverse=True):
        words = [re.escape(w) for w in re.findall(r"[^\W_]+", name)]
        for match in re.finditer(r"(?<!\w)" + r"[\s_-]*".join(words) + r"(?!\w)", prompt, re.I):
            if all(match.end() <= p.start or match.start() >= p.end for p in found):
                found.append(Place(PROMPT, match.start(), match.end(), match[0]))
    return found


def _capitalised(prompt: str, taken: list[Place]) -> list[Place]:
    """Capitalised stretches of the prompt that may be names."""
    found = []
    for match in _SPAN.finditer(prompt):
        start, text = match.start(), match[0]
        while text and text.split()[0].lower() in _NO_NAMES:
            cut = len(text.split()[0]) + 1
            start, text = start + cut, text[cut:]
        if not text or not text[0].isupper() or len(text) < 2:
            continue
        if all(start + len(text) <= p.start or start >= p.end for p in taken):
            found.append(Place(PROMPT, start, start + len(text), text))
    return found


def _plausible(named: Named, prompt: str, *, has_sketch: bool) -> bool:
    """Whether an object that only the prompt names is one: told twice, told a parameter, or (beside a sketch) a resource."""
    if any(p.source != PROMPT for p in named.places):
        return True
    if has_sketch:
        return kind_by_words(named.name) in RESOURCE_CLASSES
    if len(named.places) > 1 or len(named.name.split()) > 1:
        return True
    place = named.places[0]
    at_start = not prompt[: place.start].strip() or prompt[: place.start].rstrip()[-1] in ".!?"
    return not at_start or bool(re.match(r"\s*[:(=]?\s*(?:\d|exp|tri|unif|norm|gamma|logn)", prompt[place.end :], re.I))


def kind_by_words(name: str) -> str | None:
    """The kind that a word of the name gives away."""
    return next((kind for pattern, kind in _KIND_WORDS if re.search(pattern, name, re.I)), None)


def kinds_by_sentences(prompt: str, objects: list[Named]) -> dict[int, str]:
    """Kinds from sentences such as "A and B are Queues" and "C acts as a Separator"."""
    found: dict[int, str] = {}
    at = 0
    for sentence in _SENTENCE.split(prompt):
        start = prompt.find(sentence, at)
        at = start + len(sentence)
        for match in _TYPE.finditer(sentence):
            kind = {"buffer": "queue", "rack": "storage"}.get(match[1].lower(), match[1].lower())
            for i, named in enumerate(objects):
                if any(p.source == PROMPT and start <= p.start < start + match.start() for p in named.places):
                    found.setdefault(i, kind)
    return found


def _said(prompt: str, labels: tuple[Label, ...], objects: list[Named]) -> list[Said]:
    """What stands behind each name in the prompt, up to the next name; then the notes beside each label."""
    said = [Said() for _ in objects]
    marks = sorted((p.start, p.end, i) for i, named in enumerate(objects) for p in named.places if p.source == PROMPT)
    waiting: list[int] = []
    for n, (_, end, i) in enumerate(marks):
        stop = marks[n + 1][0] if n + 1 < len(marks) else len(prompt)
        text = prompt[end:stop]
        waiting.append(i)
        if re.fullmatch(r"\s*(?:,|and|&|\+|,\s*and|(?:,\s*)?the)?\s*(?:the\s*)?", text, re.I):
            continue
        found = parameters_in(text)
        for j in waiting:
            said[j].take(found)
        waiting = []
    named_labels = {p.source: i for i, named in enumerate(objects) for p in named.places if p.source != PROMPT}
    for j, label in enumerate(labels):
        if j in named_labels or "%" in label.text:
            continue
        near = min(named_labels, key=lambda k: _gap(labels[k], label), default=None)
        if near is not None:
            said[named_labels[near]].take(parameters_in(label.text))
    for i, named in enumerate(objects):
        family = re.sub(r"\s*\d+$", "", named.name)
        for j, other in enumerate(objects):
            if i != j and not said[i].known and (other.name in (family, family + "s") or _siblings(named.name, other.name)):
                said[i].take(said[j])
    return said


def _siblings(a: str, b: str) -> bool:
    return a != b and re.sub(r"\s*\d+$", "", a) == re.sub(r"\s*\d+$", "", b) and a[-1].isdigit() and b[-1].isdigit()


def _gap(a: Label, b: Label) -> float:
    dx = max(a.box.x0 - b.box.x1, b.box.x0 - a.box.x1, 0.0)
    dy = max(a.box.y0 - b.box.y1, b.box.y0 - a.box.y1, 0.0)
    return float(dx + dy)


def _tags(labels: tuple[Label, ...], objects: list[Named]) -> dict[int, str]:
    """Kinds from type words in brackets beside a label: "(queue)"."""
    named = {p.source: i for i, o in enumerate(objects) for p in o.places if p.source != PROMPT}
    found: dict[int, str] = {}
    for j, label in enumerate(labels):
        word = re.sub(r"\W+", " ", label.text).strip().lower().replace(" ", "_")
        kind = {"buffer": "queue", "machine": "processor", "forklift": "transporter"}.get(word, word)
        if j not in named and kind in KINDS and named:
            found[named[min(named, key=lambda k: _gap(labels[k], label))]] = kind
    return found


def _kinds(objects: list[Named], said: list[Said], wires: list[Wire], prompt: str, labels: tuple[Label, ...]) -> list[str]:
    by_sentence = kinds_by_sentences(prompt, objects) | _tags(labels, objects)
    links = [w for w in wires if not w.dashed]
    ins, outs = {w.second for w in links}, {w.first for w in links}
    kinds = []
    for i, named in enumerate(objects):
        kind = by_sentence.get(i) or kind_by_words(named.name)
        flowing = i in ins or i in outs
        if kind is None or (kind in ("queue", "storage", "operator") and said[i].time is not None):
            if flowing and i not in ins:
                kind = "source"
            elif flowing and i not in outs:
                kind = "sink"
            elif said[i].length is not None and said[i].speed is not None:
                kind = "conveyor"
            elif said[i].time is None and said[i].capacity is not None:
                kind = "queue"
            elif kind is None:
                dashed = any(w.dashed and i in (w.first, w.second) for w in wires)
                kind = "operator" if dashed and not flowing and said[i].time is None else "processor"
        kinds.append(kind)
    return kinds


def _parameters(kind: str, said: Said) -> tuple[Parameter, ...]:
    main = {"source": "interarrival", "storage": "dwell"}.get(kind, "process")
    rows = [(main, said.time), ("setup", said.setup), ("failure", said.failure), ("repair", said.repair)]
    found = [replace(value, name=name) for name, value in rows if value is not None and kind in PARAMETERS[name][1]]
    if not any(p.name == "failure" for p in found) or not any(p.name == "repair" for p in found):
        found = [p for p in found if p.name not in ("failure", "repair")]
    capacity = said.capacity if said.capacity is not None else (said.bare if kind in ("queue", "storage") else None)
    plain = [("capacity", capacity), ("length", said.length), ("speed", said.speed), ("quantity", said.quantity)]
    for name, number in plain:
        if number is not None and kind in PARAMETERS[name][1]:
            found.append(Parameter(name, None, ((number, None),), (None,), (0, 0)))
    found += [Parameter(flag, None, (), (), (0, 0)) for flag in said.flags if kind in PARAMETERS[flag][1]]
    return tuple(found)


def _count_of(named: Named, prompt: str) -> int:
    for place in named.places:
        if place.source == PROMPT:
            before = re.search(r"(\d+|one|two|three|four|five|six)\s*x?\s*$", prompt[max(0, place.start - 12) : place.start], re.I)
            after = re.match(r"s?\s*x\s*(\d+)", prompt[place.end :])
            text = after[1] if after else before[1].lower() if before else ""
            if text and (count := _COUNTS.get(text, int(text) if text.isdigit() else 1)) <= 12:
                return max(1, count)
    return 1


def _calls(objects: list[Named], kinds: list[str], wires: list[Wire], prompt: str) -> list[tuple[str, int, int]]:
    """Who serves, carries or belongs to what: drawn, or told in the sentence that names the resource."""
    pairs = {(w.first, w.second) for w in wires} | {(w.second, w.first) for w in wires}
    movers = [i for i, kind in enumerate(kinds) if kind in RESOURCE_CLASSES]
    found: list[tuple[str, int, int]] = []
    for i in movers:
        drawn = [j for j in range(len(objects)) if (i, j) in pairs and kinds[j] not in RESOURCE_CLASSES]
        told = _same_sentence(prompt, objects, i) if not drawn else []
        what = "serve" if kinds[i] in ("operator", "dispatcher") else "carry"
        for j in drawn or [j for j in told if kinds[j] not in RESOURCE_CLASSES]:
            if kinds[j] not in ("source", "sink") or what == "carry":
                found.append((what, i, j))
        if kinds[i] == "dispatcher":
            found += [("team", i, j) for j in movers if kinds[j] != "dispatcher"]
    return found


def _same_sentence(prompt: str, objects: list[Named], index: int) -> list[int]:
    for place in objects[index].places:
        if place.source != PROMPT:
            continue
        stop = re.search(r"[.;\n](?:\s|$)", prompt[place.end :])
        end = place.end + (stop.start() if stop else len(prompt))
        told = [j for j, o in enumerate(objects) if any(p.source == PROMPT and place.end <= p.start < end for p in o.places)]
        if told:
            return told
    return []


def read_by_rules(sketch: Sketch | None, prompt: str) -> Draft:
    """What the rules make of a sketch and a prompt; one of them may be missing.

    Raises:
        GdtError: VL201, neither names a station.
    """
    labels = sketch.labels if sketch is not None else ()
    places = _label_places(labels)
    places += _echoes(prompt, [p.text for p in places])
    places += _capitalised(prompt, places)
    objects = [o for o in group(prompt, places) if normalised(o.name)]
    objects = [o for o in objects if _plausible(o, prompt, has_sketch=bool(labels))][:48]
    if not objects:
        raise GdtError([error("VL201", "no station is named in the sketch or in the prompt", Where("input"))])
    said = _said(prompt, labels, objects)
    wires = wires_of(sketch, objects) if sketch is not None else []
    stations = [i for i, o in enumerate(objects) if kind_by_words(o.name) not in RESOURCE_CLASSES]
    if not any(not w.dashed for w in wires):
        wires += in_order(objects, stations)
    kinds = _kinds(objects, said, wires, prompt, labels)
    percents = percents_of(prompt, objects, labels, wires)
    counts = [_count_of(o, prompt) if kinds[i] in RESOURCE_CLASSES else 1 for i, o in enumerate(objects)]
    declared, keys = [], []
    for i, named in enumerate(objects):
        own = [(i, n) for n in range(1, counts[i] + 1)] if counts[i] > 1 else [(i, 0)]
        keys.append(own)
        for key in own:
            name = f"{named.name} {key[1]}" if key[1] else named.name
            declared.append(Declared(key, kinds[i], name, _parameters(kinds[i], said[i]), (0, 0)))
    joined: list[Joined] = []
    for wire in wires:
        a, b = kinds[wire.first], kinds[wire.second]
        if not wire.dashed and not {a, b} & set(RESOURCE_CLASSES) and a != "sink" and b != "source":
            joined.append(Joined("link", (wire.first, 0), (wire.second, 0), percents.get((wire.first, wire.second)), (0, 0)))
    for what, i, j in _calls(objects, kinds, wires, prompt):
        joined += [Joined(what, first, second, None, (0, 0)) for first in keys[i] for second in keys[j]]
    return Draft("linear", tuple(declared), tuple(joined))


def script_by_rules(sketch: Sketch | None, prompt: str) -> str:
    """The rules' reading as FlexScript: a `suite.Reader`."""
    return render(read_by_rules(sketch, prompt))
