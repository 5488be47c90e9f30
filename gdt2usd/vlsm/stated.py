"""What the prompt says outright of a named object: its type (`High Bay, a rack for 480`), its mode (`combiner, join`), how many
there are (`Line Operator x2`, `3 forklifts called Reach Truck`).

Such words overrule what a name or a drawn shape makes likely. Not covered: what is only implied (the network's part).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from gdt2usd.vlsm.likeness import split_index
from gdt2usd.vlsm.mentions import PROMPT, Place, normalised
from gdt2usd.vlsm.numbers import Number
from gdt2usd.vlsm.processor import Encoded, Evidence, NumberReference

_COMBINER = frozenset(("combiner",))
_INTO = re.compile(
    r"\s?(?:x\s)?(?:[A-Za-z-]+\s+){1,3}?(?:(?:from|of)\s+(?:the\s+)?[\w -]{1,24}?\s+)?"
    r"(?:(?:in|into|onto|on|to|for)\s+(?:each|every|one|an?)\b|per\s+[a-z])|\s?[a-z]+s?/[a-z]+",
)
_MACHINES = frozenset(("processor", "combiner", "separator", "multiprocessor"))
_MOVERS = frozenset(("transporter", "agv", "task_executer", "robot", "crane"))
_STATIONS: tuple[tuple[str, frozenset[str]], ...] = (
    (r"sources?", frozenset(("source",))),
    (r"sinks?", frozenset(("sink",))),
    (r"queues?|buffers?|waiting lines?", frozenset(("queue",))),
    (r"combiners?", frozenset(("combiner",))),
    (r"separators?", frozenset(("separator",))),
    (r"multi-?processors?", frozenset(("multiprocessor",))),
    (r"processors?", frozenset(("processor",))),
    (r"(?:belt )?conveyors?|conveyor belts?", frozenset(("conveyor",))),
    (r"(?:storage )?racks?|high[- ]bay (?:rack|storage|warehouse)", frozenset(("storage",))),
)  # fmt: skip
_HELPERS: tuple[tuple[str, frozenset[str]], ...] = (
    (r"dispatchers?", frozenset(("dispatcher",))),
    (r"operators?|ops|workers?|people|persons?|m[ae]n|technicians?|staff|employees?", frozenset(("operator",))),
    (r"forklifts?|fork ?lift trucks?|fork trucks?|transporters?|reach trucks?|pallet trucks?", frozenset(("transporter",))),
    (r"agvs?|amrs?|automated guided vehicles?", frozenset(("agv",))),
    (r"robots?|robot arms?", frozenset(("robot",))),
    (r"cranes?", frozenset(("crane",))),
    (r"task executers?|task executors?", frozenset(("task_executer",))),
    (r"vehicles?|carts?|trucks?|tuggers?|shuttles?", _MOVERS),
)  # fmt: skip
_LOOSE: tuple[tuple[str, frozenset[str]], ...] = ((r"machines?", _MACHINES),)
_KINDS = (*_STATIONS, *_HELPERS, *_LOOSE)


def _words(rows: tuple[tuple[str, frozenset[str]], ...]) -> str:
    return "(?:" + "|".join(pattern for pattern, _ in rows) + r")(?![\w-])"


_FILLER = (
    r"(?:(?:an?|the|our|my|one|two|three|four|just|only|simply|ordinary|normal|plain|simple|regular|real|separate|second|first|another"
    r"|main|small|big|large|long|short|slow|fast|also|really|all|both|each|new|old|single|shared|usual|classic|standard|\d+|\w+-axis"
    r"|fifo|lifo|identical|1st|2nd|3rd|third|further|extra)\s+){0,4}"
)
_WAIT = r"(?:wait|queue|stand|park|store|kept|hold|sit)"
_TREAT = r"(?:model(?:led)?|treat(?:ed)?|take|taken|handle[d]?|count(?:ed)?|regard(?:ed)?|use[d]?|see|seen)"
_BE = rf"(?:is|are|was|(?:acts?|works?|serves?|counts?) as|being|as|(?:is |are )?{_TREAT} (?:(?:it|them|this|that) )?as|means)"
_DOES = r"\s*[:,(-]?\s*(?:then |shall |will |it )?"
_VERBS: tuple[tuple[re.Pattern[str], frozenset[str], str], ...] = (
    (re.compile(_DOES + r"(?:joins?|marries|assembles?)\b(?=[^.;\n]{0,60}(?:\d|\bone\b|\btwo\b))", re.I), _COMBINER, "join"),
    (re.compile(_DOES + r"packs?\s(?=(?:\d+|six|ten|twelve|a dozen)\s)", re.I), _COMBINER, "pack"),
    (re.compile(_DOES + r"(?:splits?|breaks? (?:up )?(?:each|every|one))\b", re.I), frozenset(("separator",)), "split"),
    (re.compile(_DOES + r"unpacks?\b", re.I), frozenset(("separator",)), "unpack"),
)  # fmt: skip
"""What a thing does between its name and how many."""
_GOES_ON = r"(?:again|but|with|mode)\b|join|pack|batch|split"
_BEFORE_THAT = r"[^.;\n]{0,60}[.;]\s+(?:I|we|please|you can)"
_TYPE = rf"(?P<type>{_words(_KINDS)})"
_AFTER = (
    re.compile(rf"\s*,?\s*(?:(?:which|that|it|this|these|they)\s+)?(?:simply |really |just |only )?{_BE}\s+{_FILLER}{_TYPE}", re.I),
    re.compile(rf"\s*[=:]\s*(?:{_TREAT} (?:it |them )?as\s+)?{_FILLER}{_TYPE}", re.I),
    re.compile(rf"\s*[|;\t]\s*(?:-\s*[|;\t]\s*)?{_FILLER}{_TYPE}(?=\s*(?:[|;,(\t\n\d]|$))", re.I),
    re.compile(rf"\s*,\s*(?:also |again )?(?:an? )?(?P<type>{_words(_STATIONS)})(?=\s*(?:[,;:(.|]|{_GOES_ON}|$))", re.I),
    re.compile(rf"{_BEFORE_THAT}\s+(?:can |could )?{_TREAT} (?:it|this|that|them|these)\s+as\s+{_FILLER}{_TYPE}", re.I),
    re.compile(rf"\s*\(\s*{_FILLER}{_TYPE}", re.I),
    re.compile(rf"\s*,\s*(?=(?:just |only )?(?:an?|the|our|my|another|one)\s){_FILLER}{_TYPE}", re.I),
    re.compile(rf"\s+(?P<type>{_words(_STATIONS)})(?=\s*(?:[(/,:;=@]|\d|cap\b|max\b|with\b|for\b|mode\b|of\b|at\b|pack|join|batch|split|$))"),
    re.compile(rf"\s+(?P<type>{_words(_HELPERS)})(?=\s*(?:[(/,:;=@]|for\b|of\b|at\b|under\b|with\b|$))", re.I),
    re.compile(rf"\s*,\s*(?:small|big|large|electric|little|new|old)?\s*(?P<type>{_words(_HELPERS)})(?=\s*(?:[.,;)\n]|$))", re.I),
    re.compile(rf"\s+(?:is |are )?the\s+(?P<type>{_words(_HELPERS)})(?=\s*(?:[.,;)\n]|for\b|of\b|at\b|$))", re.I),
    re.compile(rf"[^.;\n]{{0,60}}?\b{_WAIT}\w*\s+(?:up )?in an? (?:\w+ )?(?P<type>queue|buffer|rack)\b", re.I),
    re.compile(rf"[^.;\n]{{0,60}}?\b(?:it|this|that|he|she|they)(?: is| are|'s|\u2019s)\s+{_FILLER}{_TYPE}", re.I),
)  # fmt: skip
_THEY = re.compile(rf"[^.\n]{{0,160}}?\b(?:they|these|both|all)\s+{_BE}\s+{_FILLER}{_TYPE}", re.I)
_BEFORE = re.compile(rf"(?:^|(?<=[\s(+])){_TYPE}\s+(?:called |named |is |= ?|: ?)?[\"'\u201c]?$", re.I)
_HEADING = re.compile(rf"(?P<type>{_words(_STATIONS)})\s*:\s*$", re.I)
_AND = re.compile(r"\s*(?:,|and|&|/|\+|\||,\s*and)\s*(?:the |our )?", re.I)
_SENTENCE = re.compile(r"[.!?](?=\s|$)|\n\s*\n")
_CLAUSE = re.compile(r"[;|\n]|->|\u2192| // |[.!?](?=\s+[A-Z\d]|\s*$)")
_SCATTER = {
    "exponential": re.compile(r"\b(?:neg\w*[. ]+)?exp(?:onential(?:ly)?)?\b|\bpoisson process|\bat random\b", re.I),
    "constant": re.compile(r"\bconst(?:ant(?:ly)?)?\b|\bfix(?:ed)?\b|\bflat\b|\bexactly\b|\balways\b|\bon the dot\b", re.I),
}
_EVERY = re.compile(r"\b(?:every|each)\s+\d|\bone each\b", re.I)
_ROUGHLY = re.compile(r"average|mean|avg|about|around|random|approx|poisson|rough|~|\bca\b|distribut|normal|gamma|weibull", re.I)
TABLE = 4
"""Lines that begin with a name from which on they are a table."""
_OPENING = 14
"""Letters in which a clause comes to its subject, and within which a number behind a name is likely its own."""
_PREPOSITION = re.compile(r"\b(?:from|to|into|of|by|with|on|onto|in|at|for|after|before)(?: the| each| a| every)?\s*$", re.I)
_EACH = re.compile(r"\b(?:each|apiece|both)\b", re.I)
_PRONOUN = re.compile(r"\s*(?:and )?(?:it|this|that|which)\b", re.I)
_BRACKETED = re.compile(r"\s*\([^()]*(?:\([^()]*\)[^()]*)*\)")
_END = re.compile(r"[;\n]|[.!?](?=\s|$)")
_COMBINE = re.compile(r"\b(pack|join|batch)(?:ing|ed|es|s)?\b", re.I)
_PART = re.compile(r"\b(split|unpack)(?:ting|ing|ted|ed|s)?\b", re.I)
MODES = {"pack": "pack", "join": "join", "batch": "batch_mode", "split": "split", "unpack": "unpack"}
_WINDOW = 110
_CALLED = (
    r"(?:called|named|(?:of|with|from|in) (?:the )?(?:type|kind|class|name|role|group)|we call(?: them)?|known as|as|behind|in the"
    r"|of the|of)(?: the)?"
)
_COUNT_BEFORE = re.compile(
    rf"\s?(?:x|\u00d7)?\s*(?:(?:identical|equal|more|small|new)\s+)?(?:(?P<type>{_words(_HELPERS)})\s*,?\s*)?(?:\(|{_CALLED}\s+)?(?:the\s+)?[\"'\u201c]?",
    re.I,
)
_COUNT_AFTER = re.compile(
    rf"\s*(?:[:=,(]|-(?=\s)|is|are)?\s*(?:an?\s+)?(?:(?P<type>{_words(_HELPERS)})\s*)?[:=,(]?\s*(?P<sign>x|\u00d7|qty\.?|quantity)?\s?",
    re.I,
)
_PIECES = re.compile(
    rf"\s?(?:x|\u00d7|of (?:them|these|those)|pieces?|pcs\.?|units?|heads?|off"
    rf"|in (?:all|total)|altogether|(?P<type>{_words(_HELPERS)}))(?!\w)",
    re.I,
)


_CREW = re.compile(
    r"\s(?:people|persons?|heads?|ops|m[ae]n|women|colleagues?|workers?|operators?|technicians?|helpers?|hands|vehicles?|trucks?"
    r"|of (?:them|these|those)|(?:small |big |identical )?(?:agvs?|amrs?|forklifts?|robots?))\b",
    re.I,
)
"""Behind a number that counts people or vehicles."""
_WE_HAVE = re.compile(
    r"\b(?:we (?:have|have got|'ve got|got|run|roster|own|use|employ|need)|we've got"
    r"|there (?:are|is)|of (?:which|whom) there (?:are|is))(?: got| just| only| about)?(?: the)?\s*$",
    re.I,
)
_AT_WORK = re.compile(r"\b(?:at|on|in|for|to|of|with)(?: the)? ?$", re.I)
_ALONE = re.compile(r"\s*(?:[.;,\n)]|$)")
_OF_NAME = re.compile(r"\w\s*(?:[:=,\u2013-]|is|are)\s*(?:just |only )?$")
"""A number alone behind a name (`Feeder Crew: four.`)."""
_NOUN = re.compile(
    r"\s(?!(?:to|and|or|at|in|on|of|is|are|if|for|per|each|every|until|till|operators?|people|persons?|x|by|from|with|sec|min|ops?|AGVs?)\b)"
    r"[A-Za-z][A-Za-z-]+"
)
"""Behind a number that counts things."""
_PARTS_WITHIN = 170
"""Letters behind the name of a combiner in which its parts are counted."""
_LABEL_COUNT = re.compile(
    r"(?:\d{1,2}\s?[x\u00d7]?\s*@|@\s*(?:[x\u00d7]\s?\d{1,2}|\(\s?[x\u00d7]?\s?\d{1,2}\s?[x\u00d7]?\s?\)|\d{1,2}\s?[x\u00d7]))"
)
"""How a label counts what it names (`@`): `3x @`, `@ x3`, `@ (3)`."""


@dataclass(frozen=True, slots=True)
class Stated:
    """By index of the object: the kinds that it can be, its mode as a script token. By index of the number: the objects of the row
    of names that it follows, the only object that its clause names or a pronoun there means, what was spoken of last where the
    clause names nothing, and the distribution that is named beside a number alone. (number index, object index) of how many there
    are of a thing, of what a number of people or vehicles may count, the likeliest first, and of how many parts a combiner puts
    into one."""

    kinds: dict[int, frozenset[str]]
    modes: dict[int, str]
    counts: tuple[tuple[int, int], ...]
    crews: tuple[tuple[int, int], ...]
    chains: dict[int, tuple[int, ...]]
    heads: dict[int, int]
    topics: dict[int, int]
    components: tuple[tuple[int, int], ...]
    families: dict[int, str]


def kinds_of_word(text: str) -> frozenset[str]:
    """The kinds that a type word of any writer can mean; none if it is no type word."""
    for pattern, kinds in _KINDS:
        if re.fullmatch(pattern, text, re.I):
            return kinds
    return frozenset()


def stated(evidence: Evidence, encoded: Encoded) -> Stated:
    """What the prompt says outright of the objects; a type that is said of a chain of names holds for all of them."""
    prompt = evidence.prompt
    rows = sorted(
        ((p, i) for i, named in enumerate(evidence.objects) for p in named.places if p.source == PROMPT), key=lambda r: r[0].start
    )
    votes: dict[int, list[frozenset[str]]] = {}
    for objects, kinds in _types(prompt, rows):
        for i in objects:
            votes.setdefault(i, []).append(kinds)
    counts = []
    for number, thing, kinds in _counts(evidence, encoded, rows):
        counts.append((number, thing))
        if kinds:
            votes.setdefault(thing, []).append(kinds)
    kinds_by = {
        i: said[0] if len(said) == 1 or not frozenset.intersection(*said) else frozenset.intersection(*said)
        for i, said in votes.items()
    }
    return Stated(
        kinds_by,
        dict(_modes(prompt, rows)),
        tuple(counts),
        tuple(_crews(evidence, encoded, rows)),
        dict(_in_common(prompt, encoded, evidence, rows)) | dict(_shared(prompt, encoded, rows)),
        dict(_heads(prompt, encoded, rows)) | dict(_in_lines(prompt, encoded, rows)),
        dict(_topics(prompt, encoded, rows)),
        tuple(_components(prompt, encoded, rows, kinds_by)),
        dict(_families(prompt, encoded, rows)),
    )


def clause_at(prompt: str, position: int) -> tuple[int, int]:
    """Start and end of the clause around a position."""
    cuts = [0, *(m.end() for m in _CLAUSE.finditer(prompt)), len(prompt)]
    return max(cut for cut in cuts if cut <= position), min((cut for cut in cuts if cut > position), default=len(prompt))


def _chains(prompt: str, rows: list[tuple[Place, int]]) -> Iterator[list[int]]:
    """For each place the indices of `rows` of the chain of names that ends there: `Packer 1, Packer 2`."""
    chain: list[int] = []
    for k, (place, _) in enumerate(rows):
        joined = chain and _AND.fullmatch(prompt[rows[chain[-1]][0].end : place.start]) is not None
        chain = [*chain, k] if joined else [k]
        yield chain


def _types(prompt: str, rows: list[tuple[Place, int]]) -> Iterator[tuple[list[int], frozenset[str]]]:
    starts = {place.start for place, _ in rows}
    for chain in _chains(prompt, rows):
        place, thing = rows[chain[-1]]
        following = _next_name(prompt, rows, chain)
        for k, pattern in enumerate(_AFTER):
            match = pattern.match(prompt, place.end)
            if match is None or match.end("type") > following:
                continue
            behind = re.match(r"\s*[\"'\u201c]?", prompt[match.end() :])
            if behind is not None and match.end() + behind.end() in starts and not prompt[place.end : match.start("type")].strip():
                continue  # the type of what comes next
            several = k < 2 or match["type"].lower().endswith("s")
            yield [rows[j][1] for j in chain] if several else [thing], kinds_of_word(match["type"])
            break
        else:
            before = _BEFORE.search(prompt, max(0, place.start - 40), place.start)
            if before is not None and not any(
                p.end <= before.start() and not prompt[p.end : before.start()].strip() for p, _ in rows
            ):
                yield [thing], kinds_of_word(before["type"])
            elif (doing := next((kinds for verb, kinds, _ in _VERBS if verb.match(prompt, place.end)), None)) is not None:
                yield [thing], doing
        if (told := _of_them(prompt, rows, chain)) is not None:
            yield [rows[j][1] for j in chain], kinds_of_word(told["type"])
        heading = _HEADING.search(prompt, max(0, place.start - 25), place.start)
        if heading is not None and heading["type"].lower().endswith("s"):
            end = _SENTENCE.search(prompt, place.end)
            stop = end.start() if end is not None else len(prompt)
            yield [i for p, i in rows if place.start <= p.start < stop], kinds_of_word(heading["type"])


def _continues(prompt: str, rows: list[tuple[Place, int]], chain: list[int]) -> bool:
    """Whether the row of names goes on behind this chain."""
    last = chain[-1]
    return last + 1 < len(rows) and _AND.fullmatch(prompt[rows[last][0].end : rows[last + 1][0].start]) is not None


def _of_them(prompt: str, rows: list[tuple[Place, int]], chain: list[int]) -> re.Match[str] | None:
    """What is said of a whole row of names: `...; they are combiners`."""
    if len(chain) < 2 or _continues(prompt, rows, chain):
        return None
    return _THEY.match(prompt, rows[chain[-1]][0].end)


def _next_name(prompt: str, rows: list[tuple[Place, int]], chain: list[int]) -> int:
    """Where the next name behind a row of names starts; the end of the prompt if there is none."""
    return rows[chain[-1] + 1][0].start if chain[-1] + 1 < len(rows) else len(prompt)


def _numbers_in(encoded: Encoded, start: int, stop: int) -> Iterator[int]:
    """Indices of the numbers that start in [start, stop) of the prompt."""
    return (k for k, n in enumerate(encoded.numbers) if n.source == PROMPT and start <= n.number.start < stop)


def _modes(prompt: str, rows: list[tuple[Place, int]]) -> Iterator[tuple[int, str]]:
    """The mode said of a machine between its name and the next one, in the same sentence."""
    for chain in _chains(prompt, rows):
        place, _ = rows[chain[-1]]
        following = _next_name(prompt, rows, chain)
        end = _SENTENCE.search(prompt, place.end)
        text = prompt[place.end : min(following, place.end + _WINDOW, end.start() if end is not None else len(prompt))]
        told = _of_them(prompt, rows, chain)
        if told is not None:
            text = prompt[told.start("type") : told.end() + 40]
        elif re.search(r"\b(?:they|these|both)\b.*(?:combiner|separator)", text, re.I):
            continue
        doing = next((mode for verb, _, mode in _VERBS if verb.match(prompt, place.end)), None)
        if doing is not None:
            yield rows[chain[-1]][1], MODES[doing]
            continue
        for what, pattern in (("combiner", _COMBINE), ("separator", _PART)):
            said = {m[1].lower() for m in pattern.finditer(text)}
            if re.search(rf"\b{what}", text, re.I) and len(said) == 1:
                for j in chain:
                    yield rows[j][1], MODES[next(iter(said))]


def _shared(prompt: str, encoded: Encoded, rows: list[tuple[Place, int]]) -> Iterator[tuple[int, tuple[int, ...]]]:
    """(number index, objects) of the numbers behind a row of names alike (`CNC Mill 1 | CNC Mill 2 (each ...)`, `A and B: ...`)."""
    for chain in _chains(prompt, rows):
        things = tuple(dict.fromkeys(rows[j][1] for j in chain))
        last = rows[chain[-1]][0]
        following = _next_name(prompt, rows, chain)
        if len(things) < 2 or _continues(prompt, rows, chain):
            continue
        end = _END.search(prompt, last.end)
        stop = min(following, end.start() if end is not None else len(prompt))
        text = prompt[last.end : stop]
        between = [prompt[rows[i][0].end : rows[j][0].start] for i, j in pairwise(chain)]
        alike = len({normalised(split_index(rows[j][0].text)[0]) for j in chain}) == 1
        if alike or re.search(r"\b(?:each|both|all)\b", text, re.I) or all(re.search(r"and|&|\+", joint) for joint in between):
            yield from ((k, things) for k in _numbers_in(encoded, last.end, stop))
        they = re.compile(r"[^.\n]*?;\s*(?=(?:they|these|both|all|each)\b)", re.I).match(prompt, last.end)
        if they is not None:
            end = _END.search(prompt, they.end())
            stop = min([end.start() if end is not None else len(prompt), *(p.start for p, _ in rows if p.start >= they.end())])
            yield from ((k, things) for k in _numbers_in(encoded, they.end(), stop))


def _class_words(evidence: Evidence) -> dict[str, tuple[int, ...]]:
    """Which numbered things have a word in common (`press` of `Press 1`, `Press 2`): in the plural, or with `either`, `each` ..."""
    stems: dict[str, list[int]] = {}
    for i, named in enumerate(evidence.objects):
        stem, index = split_index(named.name)
        if index:
            stems.setdefault(stem.split()[-1].lower(), []).append(i)
    return {
        rf"\b{re.escape(word)}(?:e?s)\b|\b(?:each|either|every|whichever|which)\s+(?:\w+\s+)?{re.escape(word)}\b": tuple(members)
        for word, members in stems.items()
        if len(members) > 1
    }


def _in_common(
    prompt: str, encoded: Encoded, evidence: Evidence, rows: list[tuple[Place, int]]
) -> Iterator[tuple[int, tuple[int, ...]]]:
    """(number index, objects) of numbers in a clause that names none but speaks of several alike (`Both presses: 110 s`), or that
    follows one and says `each`."""
    words = _class_words(evidence)
    chain: tuple[int, ...] = ()
    cuts = [0, *(m.end() for m in _CLAUSE.finditer(prompt)), len(prompt)]
    for start, end in pairwise(sorted(set(cuts))):
        here = {i for p, i in rows if start <= p.start < end}
        text = prompt[start:end]
        spoken = [members for word, members in words.items() if re.search(word, text, re.I)]
        if not here and len(spoken) == 1:
            chain = spoken[0]
            yield from ((k, chain) for k in _numbers_in(encoded, start, end))
        elif not here and len(chain) > 1 and _EACH.search(text):
            yield from ((k, chain) for k in _numbers_in(encoded, start, end))
        else:
            alike = [members for members in words.values() if here and here <= set(members) and len(here) > 1]
            chain = alike[0] if alike else ()


def _heads(prompt: str, encoded: Encoded, rows: list[tuple[Place, int]]) -> Iterator[tuple[int, int]]:
    """(number index, object) of numbers in brackets behind a name, or in a clause that names one object only."""
    brackets = {}
    joined = {rows[chain[-1]][0] for chain in _chains(prompt, rows) if len(chain) > 1}
    for place, thing in rows:
        inside = _BRACKETED.match(prompt, place.end)
        each = inside is not None and place in joined and re.search(r"\b(?:each|both|all)\b", inside[0], re.I)
        if inside is not None and not each and not any(inside.start() < p.start < inside.end() for p, _ in rows):
            brackets[inside.span()] = thing
    for k, reference in enumerate(encoded.numbers):
        number = reference.number
        if reference.source != PROMPT or number.unit == "%":
            continue
        behind = next((thing for (a, b), thing in brackets.items() if a <= number.start < b), None)
        if behind is not None:
            yield k, behind
            continue
        start, end = clause_at(prompt, number.start)
        here = [(p, thing) for p, thing in rows if start <= p.start < end]
        named = {thing for _, thing in here}
        if len(named) == 1 or (named and _leads(prompt, start, here, number.start)):
            yield k, here[0][1]
        elif not named and _PRONOUN.match(prompt, start):
            earlier, _ = clause_at(prompt, max(0, start - 1))
            before = next((thing for p, thing in rows if earlier <= p.start < start), None)
            if before is not None:
                yield k, before


def _in_lines(prompt: str, encoded: Encoded, rows: list[tuple[Place, int]]) -> Iterator[tuple[int, int]]:
    """(number index, object) of a table: lines that begin with a name, each with its numbers in cells of their own."""
    lines = []
    for match in re.finditer(r"[^\n]+", prompt):
        here = [(p, i) for p, i in rows if match.start() <= p.start < match.end()]
        if here and here[0][0].start - match.start() <= 2 and re.match(r"\s*[;|\t]", prompt[here[0][0].end :]):
            lines.append((match.span(), here))
    if len(lines) < TABLE:
        return
    for (start, end), here in lines:
        for k in _numbers_in(encoded, start, end):
            if encoded.numbers[k].number.unit != "%":
                yield k, here[0][1]


def _topics(prompt: str, encoded: Encoded, rows: list[tuple[Place, int]]) -> Iterator[tuple[int, int]]:
    """(number index, object) of numbers whose clause names nothing: what the last clause that names something speaks of."""
    for k, reference in enumerate(encoded.numbers):
        number = reference.number
        if reference.source != PROMPT or number.unit == "%":
            continue
        start, end = clause_at(prompt, number.start)
        if any(start <= p.start < end for p, _ in rows):
            continue
        before = [(p, i) for p, i in rows if p.end <= start]
        if not before:
            continue
        opening, _ = clause_at(prompt, before[-1][0].start)
        spoken = [(p, i) for p, i in before if p.start >= opening]
        yield k, spoken[0][1] if _leads(prompt, opening, spoken, number.start) else spoken[-1][1]


def _leads(prompt: str, start: int, inside: list[tuple[Place, int]], number: int) -> bool:
    """Whether the first name of a clause is what it speaks of: the others only follow `from`, `to` and the like."""
    if inside[0][0].start - start > _OPENING or inside[0][0].start > number:
        return False
    others = [p for p, thing in inside[1:] if thing != inside[0][1]]
    return all(_PREPOSITION.search(prompt, 0, p.start) and (p.start > number or number - p.end > _OPENING) for p in others)


def _families(prompt: str, encoded: Encoded, rows: list[tuple[Place, int]]) -> Iterator[tuple[int, str]]:
    """(number index, family) of numbers alone in their part of a clause, with a word for how they scatter: `120/h, exp`."""
    cuts = sorted({0, len(prompt), *(m.start() for m in _CLAUSE.finditer(prompt)), *(p.start for p, _ in rows)})
    numbers = [(k, n.number) for k, n in enumerate(encoded.numbers) if n.source == PROMPT]
    for k, number in numbers:
        start = max(cut for cut in cuts if cut <= number.start)
        end = min(cut for cut in cuts if cut > number.start)
        if sum(start <= other.start < end for _, other in numbers) > 1:
            continue
        said = {family for family, pattern in _SCATTER.items() if pattern.search(prompt, start, end)}
        if not said and _EVERY.search(prompt, start, end) and not _ROUGHLY.search(prompt, start, end):
            said = {"constant"}
        if len(said) == 1:
            yield k, next(iter(said))


def _components(
    prompt: str, encoded: Encoded, rows: list[tuple[Place, int]], kinds: dict[int, frozenset[str]]
) -> Iterator[tuple[int, int]]:
    """(number index, object index) of numbers that say how many parts a combiner puts into one: `4 cells per housing`, `1 frame + 2
    panes`. The 1 of two numbers is what they are put into."""
    for place, thing in rows:
        if kinds.get(thing) != _COMBINER:
            continue
        end = _SENTENCE.search(prompt, place.end)
        stop = min(end.start() if end is not None else len(prompt), place.end + _PARTS_WITHIN)
        line = prompt.find("\n", place.end)
        stop = min(
            [stop, *([line] if line >= 0 else []), *(p.start for p, i in rows if p.start > place.end and kinds.get(i) == _COMBINER)]
        )
        found = [k for k in _numbers_in(encoded, place.end, stop) if _counts_parts(prompt, encoded.numbers[k].number)]
        into = [k for k in found if _INTO.match(prompt, encoded.numbers[k].number.end)]
        more = [k for k in found if encoded.numbers[k].number.value > 1]
        if into and len(found) == 1:
            yield into[0], thing
        elif len(found) in (1, 2) and len(more) == 1:
            yield more[0], thing
        elif len(found) == 2 and not more:
            yield found[1], thing


def _counts_parts(prompt: str, number: Number) -> bool:
    """Whether a number counts things: whole, without a unit, a noun behind it."""
    whole = number.unit is None and number.value >= 1 and number.value == int(number.value)
    return whole and _NOUN.match(prompt, number.end) is not None


def _counts(evidence: Evidence, encoded: Encoded, rows: list[tuple[Place, int]]) -> Iterator[tuple[int, int, frozenset[str]]]:
    """(number index, object index, kinds) of numbers that say how many there are of what is named beside them, in the prompt or in
    a label (`Mechanic x3`)."""
    prompt = evidence.prompt
    for k, reference in enumerate(encoded.numbers):
        number = reference.number
        if number.unit is not None or number.value != int(number.value) or number.value < 1:
            continue
        if reference.source != PROMPT:
            thing = _counted_in_label(evidence, reference)
            if thing is not None:
                yield k, thing, frozenset()
            continue
        following = next(((p, i) for p, i in rows if p.start >= number.end), None)
        ahead = None if following is None else _COUNT_BEFORE.fullmatch(prompt, number.end, following[0].start)
        before = next(((p, i) for p, i in reversed(rows) if p.end <= number.start), None)
        behind = None if before is None else _COUNT_AFTER.fullmatch(prompt, before[0].end, number.start)
        pieces = _PIECES.match(prompt, number.end)
        if (
            before is not None
            and behind is not None
            and (behind["sign"] or pieces is not None)
            and (ahead is None or "," in ahead[0])
        ):
            said = behind["type"] or (pieces["type"] if pieces is not None else None)
            yield k, before[1], kinds_of_word(said) if said else frozenset()
        elif following is not None and ahead is not None:
            yield k, following[1], kinds_of_word(ahead["type"]) if ahead["type"] else frozenset()


def _crews(evidence: Evidence, encoded: Encoded, rows: list[tuple[Place, int]]) -> Iterator[tuple[int, int]]:
    """(number index, object index) of numbers that count people or vehicles, with what their clause names, the nearest first."""
    prompt = evidence.prompt
    for k, reference in enumerate(encoded.numbers):
        number = reference.number
        if reference.source != PROMPT or number.unit is not None or number.value != int(number.value) or number.value < 1:
            continue
        if (
            _CREW.match(prompt, number.end)
            or _WE_HAVE.search(prompt, 0, number.start)
            or (_ALONE.match(prompt, number.end) and _OF_NAME.search(prompt, 0, number.start))
        ):
            start, end = clause_at(prompt, number.start)
            here = [(p, i) for p, i in rows if start <= p.start < end]
            nearest = sorted(here, key=lambda row: _gap(row[0], number))
            yield from ((k, i) for i in dict.fromkeys(i for _, i in nearest))


def _gap(place: Place, number: Number) -> int:
    return max(place.start - number.end, number.start - place.end)


def _counted_in_label(evidence: Evidence, reference: NumberReference) -> int | None:
    """The object that a label names if the number beside the name is said to count it."""
    text, number = evidence.labels[reference.source].text, reference.number
    for i, named in enumerate(evidence.objects):
        for place in named.places:
            if place.source == reference.source:
                rest = text[: place.start] + "@" + text[place.end :]
                if _LABEL_COUNT.fullmatch(rest.strip()) and not place.start <= number.start < place.end:
                    return i
    return None
