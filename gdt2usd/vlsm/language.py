"""Whether a prompt is in English, by its commonest words. The network reads English; other languages are read with a warning.

Not covered: which of the languages without spaces it is; labels in the sketch, which may be in any.
"""

from __future__ import annotations

import re

from gdt2usd.diagnostics import Diagnostic, Place, warning

_ENGLISH = (
    "the a an and of to in is are at with for from by on it then which that this as each every has have takes feeds into its be or"
)
_OTHERS = {
    "German": "der die das und ist ein eine einen dem den von zu mit auf dann nach alle wird werden braucht sind im ins aus es zum",
    "French": "le la les et est un une des du de pour avec sur dans puis vers qui chaque toutes sont au aux prend en par",
    "Spanish": "el la los las y es un una de del para con en por luego cada hacia que son al tarda se",
    "Italian": "il lo la gli le e un una di del della per con su poi ogni che sono al alla da nel",
    "Portuguese": "o a os as e um uma de do da para com em por depois cada que ao leva no na dos das",
    "Dutch": "de het een en van naar met op dan elke is zijn wordt voor uit bij om die",
    "Polish": "i w na do z jest potem co od dla przez oraz nie trwa za po",
}
_OTHER_SCRIPTS = re.compile(r"[\u0370-\u052f\u0590-\u06ff\u0900-\u0dff\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_LEAST_WORDS = 5


def prompt_language(prompt: str) -> list[Diagnostic]:
    """A warning (VL206) if the prompt has more of another language's little words than of English's, or another script."""
    words = re.findall(r"[^\W\d_]+", prompt.lower())
    letters = sum(len(word) for word in words)
    if letters and len(_OTHER_SCRIPTS.findall(prompt)) > 0.3 * letters:
        return [_warn("another script than the Latin one")]
    if len(words) < _LEAST_WORDS:
        return []
    english = sum(word in _ENGLISH.split() for word in words)
    counts = {name: sum(word in known.split() for word in words) for name, known in _OTHERS.items()}
    likeliest = max(counts, key=lambda name: counts[name])
    if counts[likeliest] >= 3 and counts[likeliest] > 1.5 * english:
        return [_warn(likeliest)]
    return []


def _warn(language: str) -> Diagnostic:
    message = f"the prompt seems to be in {language}; the network reads English"
    return warning("VL206", message, Place("1-prompt.txt"), "translate it, or check everything below")
