"""A text as it is compared: every way to write a character becomes one. The text that people
read is never changed; ``Folded.span`` leads back to it.

Per character: NFKC, ignorable characters and separators dropped, look-alike letters of other
scripts to Latin, traditional characters and variants to simplified ones, figures of every kind to
digits, case folded. Time is linear in the length.
"""

import re
import unicodedata
from bisect import bisect_right
from functools import cache
from importlib import resources
from itertools import accumulate

import msgspec

HAN_FIRST, HAN_LAST = 0x3400, 0x9FFF
KEPT = "%"
GAPS = "[\\s·.。,，、*_~]"
"""Written between 第 and what stands for 一."""
_LETTER_IN_NAME = ("NEGATIVE CIRCLED LATIN", "NEGATIVE SQUARED LATIN", "LATIN LETTER SMALL CAPITAL",
                   "SQUARED LATIN", "CIRCLED LATIN")  # fmt: skip


class Lookalikes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``lookalikes.toml``."""

    heard: tuple[str, ...]
    """Short words of which one character is sought by its sound."""
    strokes: str
    """What is drawn in place of 一, where ``before_strokes`` leave no other reading."""
    before_strokes: tuple[str, ...]
    ends_of_words: str
    """Sound-alikes that mostly end a word, as 弟 in 兄弟: meant as the other character only where
    a claim begins or behind one of ``claimed``."""
    claimed: str
    letters: dict[str, str]
    """A Latin letter → letters of other scripts that look like it."""
    variants: dict[str, str]
    """A character → other forms of it."""
    homophones: dict[str, str]
    """A character → those written in its place because they sound alike."""
    splits: dict[str, tuple[str, ...]]
    """A character → its parts, as they are written side by side in its place."""


@cache
def lookalikes() -> Lookalikes:
    file = resources.files(__package__).joinpath("lookalikes.toml")
    return msgspec.toml.decode(file.read_bytes(), type=Lookalikes)


class Table(dict[int, str]):
    """Code point → what it is compared as, "" for what does not count. Fills itself, up to the
    end of the basic plane; rarer ones are worked out each time, so that it stays small."""

    def __init__(self) -> None:
        super().__init__()
        known = lookalikes()
        self._simple = _simplified()
        self._alike = {
            other: plain
            for group in (known.letters, known.variants)
            for plain, others in group.items()
            for other in others
        }

    def __missing__(self, code: int) -> str:
        found = "".join(self._plain(one) for one in _decomposed(chr(code)))
        if code <= 0xFFFF:
            self[code] = found
        return found

    def _plain(self, one: str) -> str:
        one = self._alike.get(one, one)
        one = self._simple.get(one, one).casefold()
        one = self._alike.get(one, one)
        return "".join(_counted(part) for part in one)


def _decomposed(one: str) -> str:
    """Compatibility form without the marks that are set upon letters."""
    parts = unicodedata.normalize("NFKD", one)
    return "".join(part for part in parts if unicodedata.category(part)[0] != "M")


def _counted(one: str) -> str:
    if one in KEPT or one in _FIGURES:
        return _FIGURES.get(one, one)
    if (digit := unicodedata.digit(one, None)) is not None:
        return str(digit)
    kind = unicodedata.category(one)
    if kind == "So" or kind == "Lo" or kind == "Ll":
        return _letter_in_name(one, kind)
    return one if kind[0] in "LN" and one not in _FILLERS else ""


def _letter_in_name(one: str, kind: str) -> str:
    """𝗡 decomposes, 🅝 does not: its name says which letter it is."""
    if one in _FILLERS:
        return ""
    name = unicodedata.name(one, "")
    if name.startswith(_LETTER_IN_NAME) and len(last := name.rpartition(" ")[2]) == 1:
        return last.lower()
    return one if kind != "So" else ""


_FIGURES = {**dict(zip("零一二三四五六七八九", "0123456789", strict=True)), "〇": "0"}
_FILLERS = "\u115f\u1160\u3164\uffa0"


def _simplified() -> dict[str, str]:
    """Each traditional character → the simplified one."""
    import opencc

    han = [chr(code) for code in range(HAN_FIRST, HAN_LAST + 1)]
    simple = opencc.OpenCC("t2s").convert("\n".join(han)).split("\n")
    return {one: other for one, other in zip(han, simple, strict=True) if one != other}


@cache
def table() -> Table:
    return Table()


@cache
def _drawn() -> "re.Pattern[str]":
    known = lookalikes()
    first = "".join(one + known.variants.get(one, "") for one in known.before_strokes)
    stroke = f"[{re.escape(known.strokes)}]"
    return re.compile(
        f"([{first}]{GAPS}{{0,2}}|独(?={stroke}无))({stroke})(?!{stroke}|[0-9a-zA-Z])"
    )


def spelt_out(text: str) -> str:
    """第—品牌 is read as 第一品牌, 第—章 too; a dash anywhere else is a dash. As long as before."""
    return _drawn().sub(r"\1一", text)


def folded(text: str) -> str:
    return spelt_out(text).translate(table())


def ends(text: str) -> list[int]:
    """Place in the text → length of the folded form up to it, itself included."""
    return list(accumulate(map(len, map(table().__getitem__, map(ord, spelt_out(text))))))


class Folded:
    """A text beside its folded form. Places are worked out when somebody asks for them."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = folded(text)
        self._ends: list[int] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Of the folded form → of the text, end exclusive; with the marks that follow."""
        if self._ends is None:
            self._ends = ends(self.text)
        first, last = bisect_right(self._ends, start), bisect_right(self._ends, end - 1) + 1
        while last < len(self.text) and unicodedata.category(self.text[last])[0] == "M":
            last += 1
        return first, last
