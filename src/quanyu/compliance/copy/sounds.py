"""A text as it sounds: one sign per syllable, whether it is written as a character, as a figure or
in pinyin, so that 国jia级, guo家级 and 国家级 are one."""

import re
import unicodedata
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import msgspec

from quanyu.compliance.copy.folding import folded

FIRST_SIGN = 0xE000
COMMON = range(0x4E00, 0x9FA6)
_RUN = re.compile("[a-z]+")
_DIGITS = {
    "0": "ling", "1": "yi", "2": "er", "3": "san", "4": "si",
    "5": "wu", "6": "liu", "7": "qi", "8": "ba", "9": "jiu",
}  # fmt: skip


def _readings() -> dict[int, str]:
    """Code point → readings, commonest first. The file is read beside its package, because to
    import that loads phrases for a second."""
    spec = find_spec("pypinyin")
    assert spec is not None, "pypinyin is a dependency"
    file = Path((spec.submodule_search_locations or [""])[0], "pinyin_dict.json")
    return msgspec.json.decode(file.read_bytes(), type=dict[int, str])


@cache
def _toneless(reading: str) -> str:
    """The first reading, without tones; ü as in keyboards."""
    parts = unicodedata.normalize("NFD", reading.split(",")[0].replace("ü", "v"))
    return "".join(one for one in parts if one.isascii() and one.isalpha())


class Signs(dict[int, str]):
    """Code point of a folded text → the sign of its syllable; itself where there is none."""

    def __init__(self) -> None:
        super().__init__()
        self._readings = _readings()
        common = {self._readings.get(code, "") for code in COMMON}
        used = {_toneless(reading) for reading in common} - {""}
        self.syllables = {one: chr(FIRST_SIGN + n) for n, one in enumerate(sorted(used))}
        self.update({ord(digit): self.syllables[said] for digit, said in _DIGITS.items()})

    def __missing__(self, code: int) -> str:
        reading = self._readings.get(code)
        found = self.syllables.get(_toneless(reading), chr(code)) if reading else chr(code)
        if code <= 0xFFFF:
            self[code] = found
        return found


@cache
def signs() -> Signs:
    return Signs()


class Heard:
    """The signs of a folded text, and which stretch of it each one stands for."""

    def __init__(self, plain: str) -> None:
        self.plain = plain
        self._places: list[int] | None = None
        known = signs()
        if _RUN.search(plain) is None:
            self.signs = plain.translate(known)
            return
        pieces: list[str] = []
        places: list[int] = []
        for start, piece in _stretches(plain):
            for offset, sign in spelt(piece) if _RUN.match(piece) else _plainly(piece):
                pieces.append(sign)
                places.append(start + offset)
        self.signs, self._places = "".join(pieces), [*places, len(plain)]

    def reads(self, word: str, place: int) -> bool:
        """Is it written there as it is in the pack, so that no sound has to be judged?"""
        return self._places is None and self.plain.startswith(word, place)

    def stretch(self, place: int) -> tuple[int, int]:
        """Of the folded text, for the sign at ``place``."""
        if self._places is None:
            return place, place + 1
        return self._places[place], self._places[place + 1]


def _stretches(plain: str) -> list[tuple[int, str]]:
    return [(m.start(), m.group()) for m in re.finditer("[a-z]+|[^a-z]+", plain)]


def _plainly(piece: str) -> list[tuple[int, str]]:
    known = signs()
    return [(n, known[ord(one)]) for n, one in enumerate(piece)]


def spelt(run: str) -> list[tuple[int, str]]:
    """Latin letters → syllables with their places, when all of them are; else the letters.

    From the left the longest that leaves a rest which can be spelt; a long run is no pinyin."""
    if len(run) <= 24 and (cut := _cut(run)):
        known = signs().syllables
        return [(start, known[run[start:end]]) for start, end in cut]
    return list(enumerate(run))


@cache
def _longest() -> int:
    return max(map(len, signs().syllables))


def _cut(run: str) -> list[tuple[int, int]]:
    """Dynamic from the right: at each place the longest syllable after which the rest goes on."""
    known, size = signs().syllables, len(run)
    best: dict[int, int] = {size: size}
    for start in range(size - 1, -1, -1):
        for end in range(min(size, start + _longest()), start, -1):
            if end in best and run[start:end] in known:
                best[start] = end
                break
    cut, place = [], 0
    while place < size and place in best:
        cut.append((place, best[place]))
        place = best[place]
    return cut if place == size and size else []


def heard_word(word: str) -> str:
    return folded(word).translate(signs())
