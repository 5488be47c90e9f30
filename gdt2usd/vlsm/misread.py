"""Mends what an OCR misreads in a label: figures and signs inside words, letters inside numbers, words one letter off a known one.

A word of the list (`words.txt`, written by `gdt2usd.dataset.words`), of the prompt or in common use is never changed, nor is a word
in which more than one letter would change. Not covered: names that stand in the prompt (`vlsm.naming` finds those however misread).
"""

from __future__ import annotations

import gzip
import importlib.util
import re
from collections.abc import Collection, Sequence
from functools import cache
from itertools import islice
from pathlib import Path

from rapidfuzz.distance import OSA

ALIKE_IN_BOTH_CASES = frozenset("cosuvwxz")
ODD_LABELS = 3
"""So many labels with capitals inside words make a sketch that is lettered in small capitals."""
_ALNUM = re.compile(r"[A-Za-z0-9]{3,}")
_FIGURE_IN = re.compile(r"[A-Za-z]{2}\d|\d[A-Za-z]{2}")
_LETTERS_LIKE = tuple({"1": one, "4": four, "0": "o", "5": "s", "6": "b", "8": "g", "9": "g"} for one in "li" for four in "gy")
_LETTERS = re.compile(r"[A-Za-z]{3,}")
_TWICE = re.compile(r"([cosuvwxz])(?=[COSUVWXZ])(?i:\1)(?![a-z])")
_INNER = re.compile(r"[A-Z](?![a-z]{3})|(?<![a-z]{2})[A-Z]")
"""A capital in a word that begins no other (`FabricWaste`)."""
_ODD = re.compile(r"[a-z][A-Z](?![a-z])|[A-Z]{2,}[a-z]{2}")
_CODE_LIKE = re.compile(r"[A-Za-z]{1,4}[ .-]?\d{0,3}")

WORDS_FILE = Path(__file__).with_name("words.txt")
_MERGES = 48895
"""Lines of CLIP's vocabulary that its text tower uses."""
SHORTEST = 5
"""Letters that a word needs to be corrected."""
LONG, FARTHEST = 7, 2
"""A word is corrected where one sign or two are wrong if it has more letters than this by as many."""
_BRITISH = str.maketrans("z", "s")
"""Letters in which the spellings of English differ."""
_LOOK_ALIKE = ("ltifj", "rt", "ceo", "oa", "uv", "un", "hb", "gqy", "rn", "xk", "td")
_LIKE = {frozenset((a, b)) for group in _LOOK_ALIKE for a in group for b in group if a != b}
_PLUS = re.compile(r"(?<=[a-z])\+(?=[a-z]|\b|\s|$)")
_ZERO = re.compile(r"(?<=[a-z])0(?=[a-z])|(?<=[a-z]{3})0\b")
_ONE = re.compile(r"(?<=[a-z])1(?=[a-z])")
_LETTER_O = re.compile(r"(?<=\d)[oO](?=\d|\b)(?![a-z])")
_LETTER_S = re.compile(r"(?<![A-Za-z\d])[S](?=\d{1,3}\s?(?:\u00b1|\+/?-))")
_WORD = re.compile(r"[A-Za-z]+")
_VOWEL = re.compile(r"[aeiouy]")
_SHORT = re.compile(r"[a-z]{1,4}\W{0,2}\d+")


@cache
def known_words() -> frozenset[str]:
    """The list, in small letters."""
    return frozenset(WORDS_FILE.read_text(encoding="utf-8").split())


@cache
def common_words() -> frozenset[str]:
    """Words in use on the web, in small letters: the vocabulary of CLIP's text tower, which open_clip brings along."""
    found = importlib.util.find_spec("open_clip")
    path = Path(found.origin).with_name("bpe_simple_vocab_16e6.txt.gz") if found is not None and found.origin is not None else None
    if path is None or not path.is_file():
        return frozenset()
    with gzip.open(path, "rt", encoding="utf-8") as file:
        merges = [line.split() for line in islice(file, 1, _MERGES)]
    return frozenset("".join(pair).removesuffix("</w>") for pair in merges if pair[-1:] and pair[-1].endswith("</w>"))


@cache
def _by_length() -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = {}
    for word in sorted(known_words()):
        found.setdefault(len(word), []).append(word)
    return {length: tuple(words) for length, words in found.items()}


def with_signs(text: str) -> str:
    """`Mask Vaul+` as `Mask Vault`, `Pr0cessor` as `Processor`, `S00±40` as `500±40`; each sign stays where it is."""
    text = _ONE.sub("l", _ZERO.sub("o", _PLUS.sub("t", text)))
    return _LETTER_S.sub("5", _LETTER_O.sub("0", text))


def with_seen_words(labels: Sequence[str], prompt: str) -> list[str]:
    """The labels with figures in words read as the letters that make them words of the prompt or of other labels (`MR1 Scanner`
    beside `MRI Scanner`), or known words (`Roller Rai1`)."""
    told = set(_ALNUM.findall(prompt))
    seen: set[str] = {w for w in (*told, *(w for label in labels for w in _ALNUM.findall(label))) if w.isalpha()}

    def mended(match: re.Match[str]) -> str:
        word: str = match[0]
        if word in told or not _FIGURE_IN.search(word):
            return word
        like = [w for w in seen if len(w) == len(word) and _only_figures_differ(word, w)]
        if len(like) == 1:
            return like[0]
        for letters in _LETTERS_LIKE:
            text: str = "".join(letters.get(c, c) for c in word)
            if text.isalpha() and len(text) > 3 and text.lower() in known_words():
                return text
        return word

    return [_ALNUM.sub(mended, label) for label in labels]


def _only_figures_differ(read: str, word: str) -> bool:
    return all(a == b or (a.isdigit() and b.isalpha()) for a, b in zip(read, word, strict=True))


def with_even_capitals(labels: Sequence[str]) -> list[str]:
    """The labels with letters that look alike in both cases as the letters around them (`CreW`, `EXit`, `TRUcK`), and a sketch that
    is lettered in small capitals (`CasiNGs`, `TrEAD`) with a capital at the beginning of each word."""
    even = [_LETTERS.sub(lambda m: _even(m[0]), text) for text in labels]
    odd = sum(_ODD.search(text) is not None for text in even)
    if odd < ODD_LABELS:
        return even
    return [text if _CODE_LIKE.fullmatch(text) else _LETTERS.sub(lambda m: _titled(m[0]), text) for text in even]


def _even(word: str) -> str:
    """One word with its doubtful letters as the clear ones behind the first are."""
    word = _TWICE.sub(lambda m: m[1], word)
    clear = [c for c in word[1:] if c.lower() not in ALIKE_IN_BOTH_CASES]
    if not clear or (any(c.islower() for c in clear) and any(c.isupper() for c in clear)):
        return word
    if clear[0].islower():
        return word[0] + _INNER.sub(lambda m: m[0].lower(), word[1:])
    return word[:-1].upper() + word[-1] if word[0].isupper() and len(clear) > 1 else word


def _titled(word: str) -> str:
    return word.capitalize() if len(word) > 2 or not word.isupper() else word


def with_whole_words(text: str) -> str:
    """`Proc es sing Plant` as `Processing Plant`: small pieces that make a word with the one before, where one of them is none."""

    def mended(match: re.Match[str]) -> str:
        pieces = match[0].split()
        out, first = [], 0
        while first < len(pieces):
            for last in range(min(len(pieces), first + 4), first + 1, -1):
                run = pieces[first:last]
                if (
                    all(piece.islower() and piece not in _INDICES for piece in run[1:])
                    and _is_word("".join(run))
                    and not all(map(_is_word, run))
                ):
                    break
            else:
                last = first + 1
            out.append("".join(pieces[first:last]))
            first = last
        return " ".join(out)

    return re.sub(r"[A-Za-z]+(?: [A-Za-z]+)+", mended, text)


_INDICES = frozenset("abcdilsxyz")
"""Letters that stand for a figure or tell things apart."""


def _is_word(text: str) -> bool:
    low = text.lower()
    if len(low) < SHORTEST:
        return low in known_words() or low in SMALL
    return low in known_words() or low.removesuffix("s") in known_words() or low in common_words()


def with_known_words(name: str, prompt_words: Collection[str] = ()) -> str:
    """The name with each word that is one letter off exactly one known word corrected; the writer's capitals are kept."""
    return _WORD.sub(lambda m: _corrected(m[0], prompt_words), name)


def _corrected(word: str, prompt_words: Collection[str]) -> str:
    low = word.lower()
    if len(low) < SHORTEST - 1 or low in prompt_words or low in known_words() or low.removesuffix("s") in known_words():
        return word
    lengths = [n for n in (len(low), len(low) + 1) if n >= SHORTEST] if len(low) >= SHORTEST or _VOWEL.search(low) else [len(low)]
    if {low, low.removesuffix("s")} & common_words():
        return word
    near = [w for n in lengths for w in _by_length().get(n, ()) if _one_off(low, w)]
    if any(low.translate(_BRITISH) == w.translate(_BRITISH) for w in _by_length().get(len(low), ())):
        return word
    for wrong in range(1, FARTHEST + 1):
        if not near and len(low) >= LONG + wrong:
            lengths = [n for n in range(len(low) - 1, len(low) + wrong + 1) if n >= LONG]
            near = [w for n in lengths for w in _by_length().get(n, ()) if OSA.distance(low, w, score_cutoff=wrong) <= wrong]
    if len(near) != 1:
        return word
    return _as_written(near[0], word)


def _one_off(low: str, known: str) -> bool:
    """One letter exchanged for one that looks like it, or one of `known` lost (in a short word a first, thin or doubled one)."""
    if len(low) == len(known):
        wrong = [(a, b) for a, b in zip(low, known, strict=True) if a != b]
        return len(wrong) == 1 and frozenset(wrong[0]) in _LIKE
    if OSA.distance(low, known, score_cutoff=1) != 1:
        return False
    at = next((i for i, (a, b) in enumerate(zip(low, known, strict=False)) if a != b), len(low))
    lost = known[at]
    return len(known) > SHORTEST or at == 0 or lost in "iltrj" or known[at - 1] == lost


def _as_written(known: str, word: str) -> str:
    if word.isupper():
        return known.upper()
    return known.capitalize() if word[0].isupper() else known


_NOTE_WORDS = frozenset(
    ("max", "min", "cap", "exp", "tri", "uni", "unif", "norm", "normal", "avg", "qty", "const", "gamma", "weibull", "poisson",
     "lognormal", "triangular", "uniform", "mtbf", "mttr")
)  # fmt: skip
_NOTE = re.compile(r"\W*([A-Za-z]{3,10})[\s.:=(\u2264<]*\d[^A-Za-z]*(?:[a-z]{1,3})?\W*")


def is_note(text: str) -> bool:
    """Whether a label is a value with a word for what it is, perhaps misread (`MAX15`, `nax 100`): no name of a station."""
    match = _NOTE.fullmatch(text)
    if match is None:
        return False
    word = match[1]
    misread = word.islower() and word not in known_words()
    return word.lower() in _NOTE_WORDS or (misread and any(OSA.distance(word, known, score_cutoff=1) <= 1 for known in _NOTE_WORDS))


def is_stray(name: str, names: Sequence[str], known: Collection[str]) -> bool:
    """Whether a label of a short small word and a number (`mek 100`) is no name, since the names of this sketch have capitals."""
    return _SHORT.fullmatch(name) is not None and name not in known and _capitalised(names)


def _capitalised(names: Sequence[str]) -> bool:
    rows = [[w for w in _WORD.findall(other) if len(w) >= 3] for other in names]
    words = [w for row in rows for w in row]
    if len(words) >= 6 and sum(w[0].isupper() for w in words) >= 0.8 * len(words):
        return True
    later = [w for row in rows for w in row[1:] if w[0] not in ALIKE_IN_BOTH_CASES]
    clear = [w for w in words if w[0] not in ALIKE_IN_BOTH_CASES]
    return len(clear) >= 6 and all(sum(w[0].isupper() for w in few) >= 0.75 * len(few) > 2 for few in (clear, later))


def with_capitals(name: str, names: Sequence[str]) -> str:
    """`Panel stack` as `Panel Stack` where nearly all words of the sketch's names begin with a capital.

    A piece of a word there (`Round er`, wide handwriting) belongs to the word before it.
    """
    if not _capitalised(names):
        return name
    name = re.sub(r"\b([A-Z][a-z]*) ([a-z]+)\b", lambda m: m[1] + m[2] if _is_piece(m[1], m[2]) else m[0], name)
    return re.sub(r"(?<![^\W_])[a-z](?=[a-z]{2})", lambda m: m[0] if _small(name, m.start()) else m[0].upper(), name)


SMALL = frozenset(
    ("and", "for", "the", "from", "into", "with", "per", "of", "to", "in", "on", "at", "by", "or", "out", "up", "off", "a")
)


_ONSET = re.compile(r"[^aeiouy]?[aeiouy]|[bcdfgkpst][hlrw]|s[cklmnpqtw]|s[cpt][hlr]|kn|wr|th|qu|tw|dw|gn")


def _is_piece(word: str, piece: str) -> bool:
    """Whether a word and the small letters behind it are one word that was read in two."""
    if piece in SMALL or piece in known_words():
        return False
    return len(piece) <= 2 or len(word) <= 2 or re.search("[aeiouyAEIOUY]", word) is None or _ONSET.match(piece) is None


def _small(name: str, start: int) -> bool:
    word = _WORD.match(name, start)
    return word is not None and word[0] in SMALL
