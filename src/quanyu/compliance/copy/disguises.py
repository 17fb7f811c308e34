"""How words are disguised: as the parts of their characters, as initials, by their sound."""

from collections.abc import Iterator
from functools import cache

from quanyu.compliance.copy.folding import lookalikes
from quanyu.compliance.copy.phrases import expanded
from quanyu.compliance.copy.sounds import signs

HEARD_MIN = 4
"""Words of so many characters are sought by sound without being named in lookalikes.toml."""


def is_heard(word: str) -> bool:
    return len(word) > 1 and word.isalnum() and not word.isascii()


@cache
def _short() -> frozenset[str]:
    return frozenset(plain for word in lookalikes().heard for plain in expanded(word))


def disguises(word: str) -> Iterator[str]:
    """A character as its parts; of longer words a character as the initial of its sound."""
    for place, one in enumerate(word):
        for parts in lookalikes().splits.get(one, ()):
            yield word[:place] + parts + word[place + 1 :]
        if len(word) >= 3 and not one.isascii() and (initial := _initial(one)):
            yield word[:place] + initial + word[place + 1 :]


@cache
def _initial(one: str) -> str:
    return _spelt().get(one.translate(signs()), "")[:1]


@cache
def _spelt() -> dict[str, str]:
    return {sign: syllable for syllable, sign in signs().syllables.items()}


def sounds_meant(word: str, pieces: list[str]) -> bool:
    """Is this, which sounds like the word, meant to be it? As written it is found elsewhere."""
    other = [(said, piece) for said, piece in zip(word, pieces, strict=True) if said != piece]
    latin = sum(len(piece) for _, piece in other if piece.isascii() and piece.isalpha())
    spoken = [(said, piece) for said, piece in other if not (piece.isascii() and piece.isalpha())]
    if not other or len(spoken) > 1:
        return False
    if len(other) == len(word):
        return not spoken and latin >= 5
    return all(
        len(word) >= HEARD_MIN or (word in _short() and piece in _sounding(said))
        for said, piece in spoken
    )


@cache
def _sounding(one: str) -> frozenset[str]:
    known = {plain: others for key, others in lookalikes().homophones.items()
             for plain in expanded(key)}  # fmt: skip
    return frozenset(known.get(one, ""))
