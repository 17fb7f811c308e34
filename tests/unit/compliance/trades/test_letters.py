"""Letters of many texts at once are the letters of each of them."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.compliance.trades.letters import letters, letters_of


def told(texts: list[str]) -> dict[int, str]:
    """Place → letters, as they come out of the array."""
    found, places = letters_of(texts)
    assert sorted(places.tolist()) == list(range(len(texts)))
    assert int(found.lengths.sum()) == len(found.codes)
    whole = "".join(map(chr, found.codes.tolist()))
    told, begun = {}, 0
    for place, length in zip(places.tolist(), found.lengths.tolist(), strict=True):
        told[place] = whole[begun : begun + length]
        begun += length
    return told


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("好用！", "好用"),
        ("ＡＢＣ １２３", "abc123"),
        ("a_b-c", "abc"),
        ("㈱", "株"),
        ("ﬁne", "fine"),
        ("Straße", "strasse"),
        ("①号", "1号"),
        ("½", "12"),
        ("e\u0301te\u0301", "été"),
        ("ｶﾞ", "ガ"),
        ("\u1112\u1161\u11ab", "한"),
        ("好\ufe0f看", "好看"),
        ("🙂🙂", ""),
        ("İ", "i"),
        ("　\u200b\n", ""),
        ("\ud800好", "好"),
    ],
)
def test_what_is_left_of_a_text(text: str, expected: str) -> None:
    assert letters(text) == expected
    assert told([text]) == {0: expected}
    assert told(["前", text, "後"]) == {0: "前", 1: expected, 2: "後"}


def test_no_texts() -> None:
    assert told([]) == {}


def test_neighbours_do_not_melt_across_texts() -> None:
    """A mark at the beginning of one text is not the accent of the last letter before it."""
    assert told(["e", "\u0301a", "ｶ", "ﾞ"]) == {
        number: letters(text) for number, text in enumerate(["e", "\u0301a", "ｶ", "ﾞ"])
    }


@settings(max_examples=60)
@given(texts=st.lists(st.text(min_size=1, max_size=12), max_size=8))
def test_any_texts(texts: list[str]) -> None:
    assert told(texts) == {number: letters(text) for number, text in enumerate(texts)}


def test_characters_of_every_plane() -> None:
    chance = Random(1)
    texts = ["".join(chr(chance.randrange(1, 0x11_0000)) for _ in range(5)) for _ in range(2_000)]
    assert told(texts) == {number: letters(text) for number, text in enumerate(texts)}
