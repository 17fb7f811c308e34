"""Words of Chinese text, the same ones for what is typed and for what is on sale.

NFKC, traditional to simplified characters (OpenCC), case folded, cut by jieba (its Rust port).
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources
from typing import Any

import msgspec
import opencc
import rjieba

from quanyu.errors import BadInput

TEXT_MAX = 5_000
"""Characters of one text that are looked at."""
SYNONYMS_MAX = 100_000
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\ufeff\ud800-\udfff]")
"""With halves of surrogate pairs, which no other tool takes."""
_SAID = re.compile(r"\w")


class Synonyms:
    """Groups of words for the same thing; each word stands in one group at most."""

    def __init__(self, groups: Iterable[Sequence[str]] = (), *, stop: Iterable[str] = ()) -> None:
        """Raises BadInput for a word that stands in two groups."""
        self.stop = frozenset(plain(word) for word in stop)
        self._group_of: dict[str, tuple[str, ...]] = {}
        for number, group in enumerate(groups):
            for word in (words := tuple(dict.fromkeys(filter(None, map(plain, group))))):
                if self._group_of.setdefault(word, words) is not words:
                    mend = f"{word[:40]!r} stands in another group already; join the two"
                    raise BadInput(f"groups[{number}]", mend)

    def __iter__(self) -> Any:
        return iter(self._group_of)

    def others(self, word: str) -> tuple[str, ...]:
        """The rest of its group."""
        return tuple(one for one in self._group_of.get(word, ()) if one != word)

    def one(self, word: str) -> str:
        """The word that its group goes by; itself where it has none."""
        group = self._group_of.get(word)
        return word if group is None else group[0]


class Words:
    """Cuts texts; ``synonyms`` are known as words of their own."""

    def __init__(self, synonyms: Synonyms) -> None:
        self.synonyms = synonyms
        self._jieba = rjieba.Jieba()
        for word in synonyms:
            if not self._jieba.has_word(word):
                self._jieba.add_word(word, self._jieba.suggest_freq(word), "n")

    def of(self, *texts: str) -> tuple[str, ...]:
        """As an index wants them: the parts of a long word stand beside it (笔记本电脑 is also
        笔记本 and 电脑). Repeated where the text repeats them; stop words are left out."""
        return tuple(
            word for text in texts for word in self._kept(self._jieba.cut_for_search, text)
        )

    def cut(self, text: str) -> tuple[str, ...]:
        """As a reader cuts: every character in one word, in order; stop words are left out."""
        return tuple(self._kept(self._jieba.cut, text))

    def _kept(self, cut: Any, text: str) -> Iterable[str]:
        stop = self.synonyms.stop
        for word in cut(plain(text[:TEXT_MAX])):
            if _SAID.search(word) and word not in stop:
                yield word


@cache
def _simplify() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def plain(text: str) -> str:
    """As words are compared."""
    seen = _UNSEEN.sub("", unicodedata.normalize("NFKC", text))
    simple: str = _simplify().convert(seen)
    return simple.casefold().strip()


def read_synonyms(
    text: str | bytes, *, name: str = "synonyms"
) -> tuple[list[list[str]], list[str]]:
    """(Groups, stop words) of a TOML file: lists of groups under any name, and ``stop``. Raises
    BadInput."""
    try:
        tables = msgspec.toml.decode(text, type=dict[str, list[str | list[str]]])
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput(
            name, f"write lists of words, as the shipped file has them: {error}"
        ) from None
    stop = [word for word in tables.pop("stop", []) if isinstance(word, str)]
    groups: list[list[str]] = []
    for group in (one for found in tables.values() for one in found):
        if isinstance(group, str):
            raise BadInput(name, f"{group[:40]!r} must stand in a group: [[a, b], [c, d]]")
        groups.append(group)
    if sum(map(len, groups)) > SYNONYMS_MAX:
        raise BadInput(name, f"at most {SYNONYMS_MAX} words")
    return groups, stop


def words_with(own: str | bytes = b"") -> Words:
    """The shipped synonyms and a merchant's own; a group of the merchant's takes its words out of
    the shipped ones. Raises BadInput."""
    groups, stop = read_synonyms(_shipped())
    more, more_stop = read_synonyms(own)
    taken = {plain(word) for group in more for word in group}
    kept = [[word for word in group if plain(word) not in taken] for group in groups]
    return Words(Synonyms([*more, *kept], stop=[*stop, *more_stop]))


@cache
def shipped_words() -> Words:
    return words_with()


def _shipped() -> bytes:
    return resources.files(__package__).joinpath("synonyms.toml").read_bytes()
