"""Finds where names are written: the tagger's marks in the prompt and in the labels, and names of the prompt however misread.

A number behind a name is its own (`Press 2`) or a value (`Rinser 3s`, `Queue 8`): a unit behind it, and what the sketch's labels
read, decide. Not covered: which places mean the same object (`vlsm.mentions`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from gdt2usd.sketch.sketch import Label
from gdt2usd.vlsm.legend import LAST_INDEX, legend_of, with_marked
from gdt2usd.vlsm.likeness import best_window, likeness, one_of_several, same_figures, skeleton, split_index
from gdt2usd.vlsm.listing import (
    CAPITALISED,
    is_type,
    overlaps,
    type_tags,
    with_echoes,
    with_gerunds,
    with_series,
    without_common_words,
)
from gdt2usd.vlsm.mentions import PROMPT, Place, normalised, opens
from gdt2usd.vlsm.misread import SMALL, is_note, is_stray, with_capitals, with_known_words
from gdt2usd.vlsm.numbers import find_numbers
from gdt2usd.vlsm.spelled import (
    ALIKE,
    FRAME,
    LONG,
    SEVERAL,
    Told,
    as_shouted,
    cased,
    unframed,
    with_capital,
    with_common_stems,
    with_figures,
    with_index_style,
    with_lost_number,
)
from gdt2usd.vlsm.tagger import Tagger, tag_texts

FEW, CAPITAL_WORDS = 6, 0.75
"""Words of names behind the first, and the share of them with capitals, from which on names are written with capitals."""
LONG_WORD = 3
SAME = 0.88
"""Likeness of a label and words of the prompt that are the same name."""
ROUGHLY_ALIKE = 0.7
"""Likeness of two readings of names that both are like a known one."""
NUMBERED = 0.7
"""Share of the prompt's names with a number from which on a number behind a name is the name's own."""
_NUMBERED = re.compile(r"(.*[^\W\d_])[\s_#-]*(\d+(?:[.,]\d+)?)$", re.S)
_VALUE = re.compile(
    r"\d+(?:[.,]\d+)?(?:\s?(?:\.\.|±|\+/-|\+-|–|/)\s?\d|:\d|\s?%|x\b|\s(?:per|every|max|places|slots|pcs|pieces)\b)"
)
_FAMILY = re.compile(r"(.*\w\w)\s+[UNTEG]", re.S)
_INDEX = re.compile(
    r"(?:[\s_#-]*(?:N[or]\.? ?)?(?:\d{1,2}|\(\d{1,2}\))|[\s_#-]+(?:[A-Z]|I{2,3}|IV|VI{0,3}|l|\|))"
    r"(?=\W*$|\s+[-\u2013(\[]|\s+[a-z]+\W*$)"
)
_TAGGED = re.compile(r"[(\[<{].{3,}[)\]>}]")
_ONE_NAME = re.compile(r"[A-Za-z]{4,}(?: [A-Za-z]{2,}){0,3}(?: \d{1,2})?")
"""A label that is a name if a type in brackets stands under it, whatever the tagger thinks of its letters."""
_JOINED = re.compile(r"\s?#\s?|[_-]|")
"""Between a name and a number that is its own."""
_NUMBER_SIGN = re.compile(r"\s?#\s?\d{1,3}(?!\d)")


def find_places(tagger: Tagger, prompt: str, labels: tuple[Label, ...]) -> list[Place]:
    """Where names are written, in labels and in the prompt.

    In a label the words most like a name of the prompt count, however misread; otherwise what the tagger marks.
    """
    texts = [label.text for label in labels]
    legend = legend_of(prompt, texts)
    in_prompt, in_labels = tag_texts(tagger, prompt, texts)
    in_prompt = [(a, _with_number_sign(prompt, b)) for a, b in _settled(prompt, in_prompt, texts)]
    marked = [prompt[a:b] for a, b in in_prompt]
    ends = [(a, without_value(prompt, a, b, texts, marked, coded=legend is not None)) for a, b in in_prompt]
    legend = with_marked(legend, prompt, ends) if legend is not None else None
    places = [Place(PROMPT, a, b, prompt[a:b]) for a, b in ends]
    if legend is not None:
        told_in = [p for p in places if not any(overlaps(p, q.start, q.end) for q in legend.places)]
        places = [*told_in, *legend.places]
    places = with_series(prompt, places, [*texts, *(legend.names.values() if legend is not None else ())])
    capital = sum(any(c.isupper() for c in p.text) for p in places) >= CAPITALISED * len(places)
    kept = [p for p in places if not _is_heading(prompt, p, marked) and (not capital or any(c.isupper() for c in p.text))]
    whole = dict(_whole_labels(prompt, labels, in_labels, places))
    known = sorted({p.text for p in kept} | set(whole.values()), key=lambda name: (-len(name), name))
    told = frozenset(re.findall(r"[a-z]+", prompt.lower()))
    spelled = Told(prompt, {*marked, *known})
    drawn = [text.strip(FRAME) for text in texts]
    for i, spans in enumerate(in_labels):
        text = labels[i].text
        if legend is not None and (code := legend.name_of(text, texts)) is not None:
            places.append(Place(i, *code, labels[i].confidence))
            continue
        span = _framed(text) if i in whole else known_name(text, known, texts)
        own = whole.get(i) or (_own_of(text, span, known) if span is not None else None)
        if span is not None and spans and _is_longer_name(text, span, (spans[0][0], spans[-1][1]), texts):
            span = None
        named = span is not None
        if span is None and spans and not is_note(text):
            span = _with_index(text, spans[0][0], spans[-1][1], texts)
        if span is not None:
            read = own or unframed(text[span[0] : span[1]])
            name = with_capital(with_figures(read, texts, prompt), texts)
            if (lost := with_lost_number(name, known, texts, prompt)) is not None:
                name = lost
            elif (written := spelled.spelling(name)) is not None:
                name = written
            else:
                name = with_index_style(name if named else with_known_words(name, told), marked, drawn)
            places.append(Place(i, *span, name, labels[i].confidence))
    named_in = {p.source for p in places}
    for tag, i in type_tags(labels, range(len(labels))).items():
        text = texts[i].strip(FRAME)
        if (
            {i, tag}.isdisjoint(named_in)
            and _TAGGED.fullmatch(texts[tag].strip())
            and _ONE_NAME.fullmatch(text)
            and not is_note(text)
        ):
            places.append(Place(i, *_framed(texts[i]), with_known_words(text, told), labels[i].confidence))
    tags = type_tags(labels, [p.source for p in places if p.source != PROMPT])
    places = [p for p in places if p.source not in tags and any(c.isalpha() for c in p.text)]
    places = with_common_stems(as_shouted(places, texts), told)
    names = [p.text for p in places if p.source != PROMPT]
    places = [p for p in places if p.source == PROMPT or not is_stray(p.text, names, known)]
    places = [p if p.source == PROMPT else replace(p, text=with_capitals(p.text, names)) for p in places]
    return without_common_words(prompt, with_gerunds(prompt, with_echoes(prompt, places)))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """A marked stretch without a bullet before it and a bracket that opens in it and closes behind it."""
    start += len(text[start:end]) - len(text[start:end].lstrip(" \u00b7\u2022*-\u2013>|/,;:"))
    opened = text.rfind("(", start, end)
    if opened > start and ")" not in text[opened:end]:
        end = start + len(text[start:opened].rstrip())
    return start, max(start, end)


def _settled(prompt: str, marked: Sequence[tuple[int, int]], labels: Sequence[str]) -> Iterator[tuple[int, int]]:
    """The marked stretches of the prompt without what is no part of a name (bullets, half a bracket, a small type word behind words
    with capitals where names are written so) and with the words around them that a label has too (`Bag` of `Bag Monorail`)."""
    spans = [(a, b) for a, b in (_trimmed(prompt, *span) for span in marked) if a < b]
    later = [word for a, b in spans for word in prompt[a:b].split()[1:] if word[0].isalpha()]
    capital = len(later) >= FEW and sum(word[0].isupper() for word in later) >= CAPITAL_WORDS * len(later)
    for a, b in spans:
        *words, last = prompt[a:b].split() or [""]
        tagged = capital and len(words) > 1 and last.islower() and is_type(last) and all(w[0].isupper() for w in words)
        end = b - len(last) - 1 if tagged else b
        yield _widened(prompt, a, end, [span for span in spans if span != (a, b)], labels)


def _widened(prompt: str, start: int, end: int, others: Sequence[tuple[int, int]], labels: Sequence[str]) -> tuple[int, int]:
    best = (start, end)
    for before, behind in ((1, 0), (2, 0), (0, 1), (1, 1)):
        left = re.search(rf"(?:[^\W\d_]+[ -]){{{before}}}$", prompt[max(0, start - 40) : start])
        right = re.match(rf"(?:[ -][^\W\d_]+){{{behind}}}(?![^\W_])", prompt[end : end + 40])
        if left is None or right is None:
            continue
        a, b = start - len(left[0]), end + right.end()
        added = f"{left[0]} {right[0]}".split()
        if any(a < other[1] and other[0] < b for other in others) or any(len(w) < LONG_WORD or w.lower() in SMALL for w in added):
            continue
        small = prompt[start:end].rsplit(maxsplit=1)[-1][0].islower()
        if any(w[0].islower() and (is_type(w) or not small) for w in added) or b - a <= best[1] - best[0]:
            continue
        for label in labels:
            in_label = re.findall(r"[^\W\d_]+", label)
            there = all(any(likeness(word, other) >= ROUGHLY_ALIKE for other in in_label) for word in added)
            if there and best_window(label, prompt[a:b])[2] >= SAME:
                best = (a, b)
    return best


def _whole_labels(
    prompt: str, labels: Sequence[Label], in_labels: Sequence[Sequence[tuple[int, int]]], places: Sequence[Place]
) -> Iterator[tuple[int, str]]:
    """(label, its text) of labels of several words that stand in the prompt letter by letter, whatever of them the tagger marks."""
    for i, label in enumerate(labels):
        text = label.text.strip(FRAME)
        if is_note(text) or len(normalised(text).split()) < SEVERAL or find_numbers(text, outside=_number_words(text)):
            continue
        letters = [re.escape(c) for c in text if c.isalnum()]
        if len(letters) < LONG:
            continue
        spaced = r"[\s-]{0,2}".join(letters)
        for match in re.finditer(rf"(?<![\w-]){spaced}(?![\w-])", prompt, re.I):
            if in_labels[i] or any(p.source == PROMPT and overlaps(p, *match.span()) for p in places):
                if not is_type(normalised(match[0])):
                    yield i, _spaced_as(match[0], text)
                break


def _spaced_as(told: str, read: str) -> str:
    """The letters of a label with the spaces that the prompt has between them."""
    letters = iter([c for c in read if c.isalnum()])
    return "".join(next(letters) if c.isalnum() else c for c in told)


def _is_longer_name(text: str, span: tuple[int, int], marked: tuple[int, int], labels: Sequence[str]) -> bool:
    """Whether what is marked in a label is more than the known name at `span`, since another label reads just that name:
    `Wafer Sorter Rack` beside `Wafer Sorter`."""
    more = re.sub(r"[\W\d_]", "", text[marked[0] : span[0]] + text[span[1] : marked[1]])
    own = normalised(text[slice(*span)])
    return len(more) >= LONG - 1 and any(other != text and normalised(other.strip(FRAME)) == own for other in labels)


def _number_words(text: str) -> tuple[tuple[int, int], ...]:
    """Where number words stand in a name (`Three-Knife`)."""
    return tuple(m.span() for m in re.finditer(r"[A-Za-z]+", text))


def _framed(text: str) -> tuple[int, int]:
    """A label without the signs around it."""
    start = len(text) - len(text.lstrip(FRAME))
    return start, start + len(text.strip(FRAME))


def _is_heading(prompt: str, place: Place, marked: Sequence[str]) -> bool:
    """Whether a place is the prompt's heading in a word that other names contain (`CMP: ...` before `CMP Polisher`)."""
    if not opens(prompt, place) or not prompt[place.end :].lstrip().startswith(":"):
        return False
    word = re.compile(rf"\b{re.escape(place.text)}\b", re.I)
    return sum(word.search(other) is not None for other in marked) > 1


def without_value(
    prompt: str, start: int, end: int, labels: Sequence[str], marked: Sequence[str] = (), *, coded: bool = False
) -> int:
    """Where the name marked at [start, end) of the prompt ends if a value stands at its end; `end` if the number is its own.

    `marked` are all names marked in the prompt: `Press 2` among them keeps the number of `Press 1`. In a prompt whose names stand
    as codes in the sketch (`coded`) no label says whether a number is a name's own: a large one (`Can Lane 90`) is none.
    """
    if (
        prompt[start:end].endswith(" I")
        and re.match(r"['\u2019]|\s[a-z]", prompt[end:])
        and not one_of_several(prompt[start:end], labels)
    ):
        end -= 2  # `The Wash Tunnel I'd do as a conveyor`
    family = _FAMILY.fullmatch(prompt[start:end])
    if family is not None and re.match(r"\s?[\d(]", prompt[end:]) and not one_of_several(prompt[start:end], (*labels, *marked)):
        end = start + family.end(1)  # `Test Ride U 1..2 min`
    match = _NUMBERED.fullmatch(prompt[start:end])
    if match is None:
        return end
    digits, stem_end = start + match.start(2), start + match.end(1)
    if any(n.start == 0 and n.unit is not None for n in find_numbers(prompt[digits : digits + 40])) or _VALUE.match(prompt, digits):
        return stem_end
    if _JOINED.fullmatch(prompt[stem_end:digits]) or _misread_number(prompt[start:stem_end], match[2], labels):
        return end
    whole, stem = prompt[start:end], prompt[start:stem_end]
    if one_of_several(whole, (*labels, *marked)) or _always_with(prompt, stem, match[2]) or _all_numbered(marked):
        return end
    if match[2].isdigit() and int(match[2]) > LAST_INDEX and coded:
        return stem_end
    as_stem = max((_reads(label, stem) for label in labels), default=0.0)
    return stem_end if as_stem >= ALIKE and as_stem > max(_reads(label, whole) for label in labels) else end


def _always_with(prompt: str, stem: str, digits: str) -> bool:
    """Whether the prompt has a name more than once, each time with the same number behind it."""
    behind = re.findall(rf"(?<!\w){re.escape(stem)}(?!\w)[\s_#-]*(\d+(?:[.,]\d+)?)?", prompt)
    return len(behind) >= SEVERAL and set(behind) == {digits}


def _all_numbered(names: Sequence[str]) -> bool:
    """Whether nearly all names have a number: `S 1`, `CNC 1`, `Milling Line 1`."""
    own = set(names)
    return len(own) >= LONG and sum(split_index(name)[1].isdigit() for name in own) >= NUMBERED * len(own)


def _misread_number(stem: str, digits: str, labels: Sequence[str]) -> bool:
    """Whether a label has the name with a number nearly the same (`Xibrot 953` as `Xibrot 453`), which is no value then."""
    for label in labels:
        _, end, score = best_window(label, stem)
        behind = re.match(r"[\s_#-]*(\d+)(?![\d.,]|\s?[a-z%])", label[end:])
        if score >= ALIKE and behind is not None and len(digits) > 1 and len(behind[1]) == len(digits):
            wrong = [1 for a, b in zip(behind[1], digits, strict=True) if a != b]
            return len(wrong) <= 1
    return False


def _reads(label: str, name: str) -> float:
    """How like the likest words of a label are to a name, figures and all."""
    start, end, score = best_window(label, name)
    return score if same_figures(label[start:end], name) else 0.0


def known_name(text: str, known: Sequence[str], labels: Sequence[str] = ()) -> tuple[int, int] | None:
    """Where in a label a name of the prompt stands; short names (`S1`) must be there letter by letter.

    A number behind it belongs to the name if another label has the same words with another number.
    """
    best, several = ALIKE - 1e-6, False
    found: tuple[int, int] | None = None
    for name in known:
        start, end, score = best_window(text, name)
        exact = normalised(text[start:end]) == normalised(name)
        part = found is not None and found[0] <= start and end <= found[1] and (start, end) != found
        if score > best and not part and (exact or (len(skeleton(name)) >= LONG and same_figures(text[start:end], name))):
            best, found = score, (start, end)
            several = skeleton(name) == skeleton(text[start:end]) + "s"
    if found is None:
        return None
    if several and (index := _INDEX.match(text, found[1])) is not None:
        return found[0], index.end()
    index = _INDEX.match(text, found[1])
    name = text[slice(*found)]
    others = [label for label in labels if label != text and split_index(label)[1]]
    if index is not None and not split_index(name)[1] and any(best_window(other, name)[2] >= ROUGHLY_ALIKE for other in others):
        return found[0], index.end()
    return _with_index(text, *found, labels)


def _own_of(text: str, span: tuple[int, int], known: Sequence[str]) -> str | None:
    """A misread name of several (`Hygiene Qperator B`) with the letters of the known one (`Hygiene Operators`) and its index, if
    it has one."""
    stem, index = split_index(text[slice(*span)])
    name = next(
        (name for name in known if not split_index(name)[1] and ALIKE <= max(likeness(stem, n) for n in _forms(name)) < 1.0), None
    )
    if name is None:
        return None
    form = max(_forms(name), key=lambda n: likeness(stem, n))
    if not index and form == name:
        return None
    return cased(form, stem) + text[span[0] + len(stem) : span[1]]


def _forms(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys((name, re.sub(r"s$", "", name, flags=re.I), re.sub(r"es$", "", name, flags=re.I))))


def _with_index(text: str, start: int, end: int, labels: Sequence[str]) -> tuple[int, int]:
    """[start, end) and what numbers it behind: `#2`, or a figure or letter if another label has the same words with another one."""
    index = _INDEX.match(text, end)
    if index is not None and one_of_several(text[start : index.end()], labels):
        return start, index.end()
    return start, _with_number_sign(text, end)


def _with_number_sign(text: str, end: int) -> int:
    """Where a name that ends at `end` ends with its `#2`."""
    sign = _NUMBER_SIGN.match(text, end)
    return end if sign is None else sign.end()
