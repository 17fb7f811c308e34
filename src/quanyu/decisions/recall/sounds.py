"""What a query that finds nothing was meant for: words by their pinyin, and one wrong letter.

One letter left out, put in, changed or swapped with the next: the edits of Damerau 1964.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from string import ascii_lowercase, digits

LETTERS = ascii_lowercase + digits
LENGTH_MAX = 48
"""Letters of a query that are looked at."""
EDITED_MIN, EDITED_MAX = 5, 24
"""A shorter word is one wrong letter away from too many others."""
PIECE_MAX = 24


class Sounds:
    """``holders(word)``: in how many goods it stands; of words that sound the same the most used
    one is meant."""

    def __init__(self, vocabulary: Iterable[str], *, holders: Callable[[str], int]) -> None:
        self._word_of: dict[str, str] = {}
        for word in sorted(vocabulary, key=lambda word: (holders(word), word)):
            if sound := sound_of(word):
                self._word_of[sound] = word

    def meant(self, query: Sequence[str]) -> tuple[str, ...]:
        """Words of the vocabulary; none where nothing is near."""
        typed = sound_of("".join(_outermost(query)))[:LENGTH_MAX]
        if not typed:
            return ()
        if (word := self._near(typed)) is not None:
            return (word,)
        if cut := self._cut(typed):
            return cut
        found = (self._near(sound_of(word)) for word in query)
        return tuple(dict.fromkeys(word for word in found if word is not None))

    def _near(self, typed: str) -> str | None:
        if typed in self._word_of:
            return self._word_of[typed]
        if not EDITED_MIN <= len(typed) <= EDITED_MAX:
            return None
        return next((self._word_of[one] for one in edits(typed) if one in self._word_of), None)

    def _cut(self, typed: str) -> tuple[str, ...]:
        """The fewest words that spell it without a rest; pieces of one letter do not count."""
        best: list[tuple[str, ...] | None] = [(), *[None] * len(typed)]
        for end in range(1, len(typed) + 1):
            for start in range(max(0, end - PIECE_MAX), end - 1):
                before, word = best[start], self._word_of.get(typed[start:end])
                if before is None or word is None:
                    continue
                standing = best[end]
                if standing is None or len(before) + 1 < len(standing):
                    best[end] = (*before, word)
        return best[-1] or ()


def sound_of(word: str) -> str:
    """Pinyin without tones, ü as v; Latin letters and digits as they are. Empty where a character
    has neither."""
    from pypinyin import lazy_pinyin

    if word.isascii():
        return "".join(filter(str.isalnum, word))
    said = "".join(lazy_pinyin(word, v_to_u=False))
    return said if said.isascii() and said.isalnum() else ""


def edits(typed: str) -> Iterator[str]:
    """Each once away, the likelier kinds first: swapped, left out, changed, put in."""
    splits = [(typed[:place], typed[place:]) for place in range(len(typed) + 1)]
    yield from (a + b[1] + b[0] + b[2:] for a, b in splits if len(b) > 1)
    yield from (a + letter + b for a, b in splits for letter in LETTERS)
    yield from (a + letter + b[1:] for a, b in splits if b for letter in LETTERS)
    yield from (a + b[1:] for a, b in splits if b)


def _outermost(query: Sequence[str]) -> list[str]:
    """A search cut names the parts of a long word before it; the long one says it all."""
    kept: list[str] = []
    for word in query:
        while kept and kept[-1] in word:
            kept.pop()
        kept.append(word)
    return kept
