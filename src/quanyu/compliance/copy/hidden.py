"""Characters that nobody sees, or that turn the order of others: no honest ad needs them."""

import re
import unicodedata
from collections.abc import Iterator

BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
INVISIBLE = (
    "\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200d\u2060-\u2065\u206a-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e0fff"
)
"""Default_Ignorable_Code_Point of Unicode 15 without the bidi controls."""
_RUN = re.compile(f"[{BIDI}{INVISIBLE}]+")
_PICTURE = re.compile(r"[#*0-9\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff]")
_IN_PICTURES = re.compile("[\u200d\ufe0e\ufe0f\U000e0020-\U000e007f]+")


def hidden_spans(text: str) -> Iterator[tuple[int, int]]:
    """Runs of them, except where they make one picture of several."""
    for found in _RUN.finditer(text):
        if not _joins_pictures(text, found):
            yield found.span()


def _joins_pictures(text: str, found: "re.Match[str]") -> bool:
    """U+FE0F after a picture, U+200D between two, tags after a flag."""
    before = text[found.start() - 1] if found.start() else ""
    if not (before and _pictorial(before) and _IN_PICTURES.fullmatch(found.group())):
        return False
    after = text[found.end() : found.end() + 1]
    return not found.group().endswith("\u200d") or bool(after and _pictorial(after))


def _pictorial(one: str) -> bool:
    if not _PICTURE.fullmatch(one):
        return False
    return one in "#*0123456789" or unicodedata.category(one) in {"So", "Sm", "Po", "Sk", "Pd"}
