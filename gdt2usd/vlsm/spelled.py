"""Spells a label's name as its writer would: as the prompt has it where only look-alike signs and spaces differ (`CVI` for `CV1`),
and with the index written as in the other names (`Q 1` beside `S 1`, `Press 1` for `Press I` beside `Press 2`, `No. 2` for `No.2`).

Lines of one name are joined, numbers that were lost come back from siblings and counts, capitals follow prompt and sketch.
Not covered: names that differ from the prompt's by more than that (`vlsm.naming`), single misread letters (`vlsm.misread`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from gdt2usd.diagnostics import Box
from gdt2usd.sketch.sketch import Label
from gdt2usd.vlsm.likeness import likeness, one_of_several, skeleton, split_index
from gdt2usd.vlsm.listing import DRAWN, is_type
from gdt2usd.vlsm.mentions import PROMPT, Place, is_code, normalised
from gdt2usd.vlsm.misread import ALIKE_IN_BOTH_CASES, known_words

LONGEST_RUN = 6
"""Words of the longest name that is looked for."""
SHORTEST = 2
"""Signs of the shortest."""
CODE = 3
"""Letters of a code at most; it is written as it is."""
FEWEST = 3
"""So many numbered names of the prompt show how they are written."""
MOST = 0.7
"""Share of the numbered names that are written alike from which on all are."""
FRAME = " .,:;\u00b7\u2022*()[]-<>|/"
SEVERAL = 2
"""Words of a label that is taken for a name as a whole if the prompt has it."""
ALIKE = 0.8
"""Words of a label are a name of the prompt if they are at least so like it."""
LONG = 4
"""Letters that a name needs to be recognised when misread."""
_BETWEEN = re.compile(r"[\w\s./#&'\u2019()-]+")
"""What a name may hold."""
_TOKEN = re.compile(r"[^\W_]+(?:[./][^\W_]+)*")
_LINE = re.compile(r"[^\W\d_][\w '&/-]*")
_GLUED = re.compile(r"(.*[^\W\d_])(\d{1,2})")
_SPACED = re.compile(r"(.*[^\W\d_]) (\d{1,2})")
_LIKE_ONE = re.compile(r"(.*[^\W_])([\s_#-]*)([Il|!])")
_ZERO_PADDED = re.compile(r"(.*[^\W\d_][\s_#-]*)[0Oo](\d|[IliTO|!])")
_NUMBER_WORD = re.compile(r"\b(N[or])\.\s?(?=\d)")
_FIGURE = str.maketrans("IliT|!O", "1111110")


class Told:
    """The runs of words of a prompt by skeleton; a run that is as short as a code must have a figure or be marked as a name."""

    def __init__(self, prompt: str, marked: Collection[str]) -> None:
        words = [m.span() for m in _TOKEN.finditer(prompt)]
        self._runs: dict[str, dict[str, int]] = {}
        for first, (start, _) in enumerate(words):
            for end in (e for _, e in words[first : first + LONGEST_RUN]):
                text = prompt[start:end]
                key = skeleton(text)
                if "\n" in text or "\t" in text or _BETWEEN.fullmatch(text) is None:
                    break
                if len(key) < SHORTEST or not any(c.isalpha() for c in text):
                    continue
                if is_code(text) and not any(c.isdigit() for c in text) and text not in marked:
                    continue
                found = self._runs.setdefault(key, {})
                found[text] = found.get(text, 0) + 1 + (text in marked)

    def spelling(self, name: str) -> str | None:
        """The prompt's way to write `name`; None if no run reads so, or several different ones do."""
        found = self._runs.get(skeleton(name), {})
        if name in found:
            return name
        plain = {re.sub(r"\W", "", text).lower() for text in found}
        return cased(max(found, key=lambda text: found[text]), name) if len(plain) == 1 else None


def joined(labels: Sequence[Label], prompt: str) -> tuple[Label, ...]:
    """The labels with two lines of a name joined where the prompt has the whole name and never the first line alone."""
    rows = list(labels)
    whole = [label.text.strip() if _LINE.fullmatch(label.text.strip()) else "" for label in rows]
    gone: set[int] = set()
    for i, first in enumerate(rows):
        if len(whole[i]) < SHORTEST or i in gone:
            continue
        alone = len(re.findall(rf"(?<![\w-]){re.escape(whole[i])}(?![\w-])", prompt, re.I))
        for j in sorted(
            (j for j in range(len(rows)) if j != i and j not in gone and whole[j]), key=lambda j: _apart(first, rows[j])
        ):
            if _apart(first, rows[j]) > 1.0:
                break
            whole_name = rf"(?<![\w-]){re.escape(whole[i])}[ -]{re.escape(whole[j])}(?![\w-])"
            tag = _is_tag([*whole[i].split(), *whole[j].split()])
            if alone and not tag and alone == len(re.findall(whole_name, prompt, re.I)):
                a, b = first.box, rows[j].box
                box = Box(min(a.x0, b.x0), min(a.y0, b.y0), max(a.x1, b.x1), max(a.y1, b.y1))
                rows[i] = Label(f"{first.text.strip()} {rows[j].text.strip()}", box, min(first.confidence, rows[j].confidence))
                gone.add(j)
                break
    return tuple(label for i, label in enumerate(rows) if i not in gone)


def _is_tag(words: list[str]) -> bool:
    """Whether the last word says of what type the thing before it is (`Building Drum combiner`; `Table top queue` is a name)."""
    small = [word.islower() for word in words]
    return is_type(words[-1].lower()) and small[-1] and not any(small[:-1])


def _apart(first: Label, second: Label) -> float:
    """How far the second line is from where it would go on, under the first or behind it, in heights of a line; 2 if elsewhere."""
    a, b = first.box, second.box
    height = min(a.y1 - a.y0, b.y1 - b.y0)
    if min(a.x1, b.x1) - max(a.x0, b.x0) > 0.5 * min(a.x1 - a.x0, b.x1 - b.x0):
        gap = (b.y0 - a.y1) / height
    elif min(a.y1, b.y1) - max(a.y0, b.y0) > 0.5 * height:
        gap = (b.x0 - a.x1) / height
    else:
        return 2.0
    return abs(gap) if gap > -0.5 else 2.0


_SENTENCE = re.compile(r"[A-Z][a-z]*(?: [a-z]{3,}| \d+)*(?: [a-z]{3,})(?: \d+)?")
"""A name of which only the first word has a capital."""


def cased(told: str, read: str) -> str:
    """`told` in the capitals of the sketch if the prompt writes it all small or all in capitals and the sketch does not."""
    if not (told.islower() or told.isupper()) or (is_code(told) and sum(c.isalpha() for c in told) <= CODE):
        return told
    letters = [c for c in read if c.isalpha()]
    if sum(c.isupper() for c in letters) > MOST * len(letters):
        return told.upper()
    if read.islower():
        return told.lower()
    if told.islower():
        return told.capitalize() if _SENTENCE.fullmatch(read.strip()) else _capitalised(told)
    own = [c for c in read if c.isalnum()]
    if len(own) != sum(c.isalnum() for c in told):
        return _capitalised(told)
    signs = iter(own)
    return "".join((c.upper() if next(signs).isupper() else c.lower()) if c.isalnum() else c for c in told)


def _capitalised(text: str) -> str:
    return re.sub(r"[^\W\d_]+", lambda m: m[0].capitalize(), text)


def with_index_style(name: str, told: Sequence[str], others: Sequence[str]) -> str:
    """The name with its index written as in most numbered names that are `told`, or if those are few in the `others`."""
    name = _NUMBER_WORD.sub(r"\1. ", name)
    padded = _ZERO_PADDED.fullmatch(name)
    if padded is not None and any(re.fullmatch(r".*[^\W\d_][\s_#-]*0\d", other) for other in (*told, *others) if other != name):
        return f"{padded[1]}0{padded[2].translate(_FIGURE)}"
    glued = sum(_GLUED.fullmatch(other) is not None for other in told)
    spaced = sum(_SPACED.fullmatch(other) is not None for other in told)
    if glued + spaced < FEWEST:
        glued = sum(_GLUED.fullmatch(other) is not None for other in others)
        spaced = sum(_SPACED.fullmatch(other) is not None for other in others)
    if (match := _GLUED.fullmatch(name)) is not None and spaced >= max(2, MOST * (glued + spaced)):
        return f"{match[1]} {match[2]}"
    if (match := _SPACED.fullmatch(name)) is not None and glued >= max(2, MOST * (glued + spaced)):
        return f"{match[1]}{match[2]}"
    match = _LIKE_ONE.fullmatch(name)
    if match is not None and (match[2] or name.isupper()):
        numbered = glued if not match[2] else spaced
        roman = any(re.fullmatch(r".*[^\W_][\s_#-]+(?:II|III|IV|V)", other) for other in (*told, *others))
        if numbered >= 2 and not roman:
            return f"{match[1]}{match[2]}1"
    return name


def _shouted(text: str) -> bool:
    """Whether nearly all letters are capitals: small capitals are now and then read as small letters."""
    letters = [c for c in text if c.isalpha()]
    return sum(c.isupper() for c in letters) > MOST * len(letters)


def as_shouted(places: Sequence[Place], labels: Sequence[str]) -> list[Place]:
    """The places with names that only the sketch has in the capitals of the prompt, where the sketch is lettered in capitals."""
    told = {normalised(p.text): p.text for p in places if p.source == PROMPT}
    drawn = [p for p in places if p.source != PROMPT and not is_code(p.text)]
    both = [p for p in drawn if normalised(p.text) in told]
    names = [told[normalised(p.text)] for p in both]
    shouted = sum(_shouted(labels[p.source]) for p in both)
    if len(both) < DRAWN or any(name.isupper() or name.islower() for name in names) or shouted < MOST * len(both):
        return list(places)
    alone = [p for p in drawn if normalised(p.text) not in told and _shouted(p.text)]
    return [replace(p, text=_capitalised(p.text)) if p in alone else p for p in places]


def with_common_stems(places: Sequence[Place], words: Collection[str]) -> list[Place]:
    """The places with one spelling for numbered names of the sketch that are nearly alike (`Troy Queue 3` beside `Tray Queue 2`):
    that of most of them, or that whose words are the prompt's or known."""
    stems = {p: split_index(p.text)[0] for p in places if p.source != PROMPT and split_index(p.text)[1]}
    counts = Counter(stems.values())

    def weight(stem: str) -> float:
        own = re.findall(r"[^\W\d_]+", stem.lower())
        return counts[stem] + LONG * all(w in words for w in own) + sum(w in known_words() for w in own) / max(1, len(own)) / 2

    out = []
    for place in places:
        stem = stems.get(place, "")
        alike = [s for s in counts if len(s.split()) == len(stem.split()) and len(s) >= LONG and likeness(s, stem) >= ALIKE]
        best = max(alike, key=weight, default=stem)
        mended = stem and best != stem and weight(best) > weight(stem)
        out.append(replace(place, text=best + place.text[len(stem) :]) if mended else place)
    return out


def unframed(text: str) -> str:
    """A name without the signs around it; the bracket behind an index stays."""
    bare = text.strip(FRAME)
    return f"{bare})" if "(" in bare and ")" not in bare else bare


def with_figures(name: str, labels: Sequence[str], prompt: str = "") -> str:
    """`Press I` as `Press 1` where another label reads `Press 2`; `Press` beside `Press 2` and `Press 3` too, or beside `Press 2`
    alone if the prompt knows a `Press 1` or counts them (`2 Presses`)."""
    match = re.fullmatch(r"(.*[^\W_])([\s_#-]+)([Il|])", name)
    if match is not None and one_of_several(name, [other for other in labels if split_index(other)[1].isdigit()]):
        return f"{match[1]}{match[2]}1"
    framed = [unframed(label) for label in labels]
    siblings = [other for other in framed if skeleton(split_index(other)[0]) == skeleton(name) and split_index(other)[1]]
    if not siblings or split_index(name)[1]:
        return name
    free = next((text for text in _others_of(siblings[0]) if text not in siblings), None)
    if free is None or free > max(siblings):
        return name
    several = r"(?:\d{1,2}|two|three|four|five|six|both)"
    stem = r"[\s_-]*".join(re.escape(word) for word in re.findall(r"[^\W_]+", name))
    counted = (
        rf"\b{several}\s?(?:x\s|\u00d7\s?)?{stem}(?:s|es)?\b"
        rf"|\b{stem}(?:s|es)?\b[^.;\n]{{0,12}}\b{several}\s(?:people|pers|pieces|x)"
    )
    told = re.search(counted, prompt, re.I) is not None or re.search(rf"(?<!\w){re.escape(free)}(?!\w)", prompt, re.I) is not None
    return free if told or len(siblings) >= SEVERAL else name


def with_lost_number(name: str, known: Sequence[str], labels: Sequence[str], prompt: str) -> str | None:
    """The prompt's `Housing Parts_1` for a label `Housing Parts` if no label has a number behind that name and the prompt never has
    the name without; None otherwise."""
    told = [other for other in known if split_index(other)[1].isdigit() and normalised(split_index(other)[0]) == normalised(name)]
    if len(told) != 1 or split_index(name)[1] or any(normalised(told[0]) == normalised(unframed(label)) for label in labels):
        return None
    stem = told[0][: len(told[0]) - len(split_index(told[0])[1])].rstrip(" _#-(")
    bare = rf"(?<!\w){re.escape(stem)}(?!\w)(?![\s_#-]*\(?\d)"
    if re.search(bare, prompt) is not None:
        return None
    return cased(told[0], name)


def _others_of(numbered: str) -> Iterator[str]:
    """`Press 1`, `Press 2`, ... for `Press 2`, in its way of writing."""
    index = split_index(numbered)[1]
    at = numbered.rindex(index)
    rows = {
        True: [str(k) for k in range(1, 10)],
        False: ["I", "II", "III", "IV", "V"] if set(index) <= set("IV") else list("ABCDEFGH"),
    }
    for one in rows[index.isdigit()]:
        yield numbered[:at] + (one.zfill(len(index)) if index.isdigit() else one) + numbered[at + len(index) :]


def with_capital(name: str, labels: Sequence[str]) -> str:
    """`wrapped Pallets` as `Wrapped Pallets` where most labels begin with a capital: letters that look alike in both cases."""
    capital = sum(label[:1].isupper() for label in labels) * 2 > sum(label[:1].isalpha() for label in labels)
    if name[:1] in ALIKE_IN_BOTH_CASES and capital and any(c.isupper() for c in name[1:]):
        return name[:1].upper() + name[1:]
    return name
