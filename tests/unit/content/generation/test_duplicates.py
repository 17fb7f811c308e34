"""Near-duplicates: candidates out of bands, judged by counting."""

from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.content.generation.duplicates import RUN, SIMILAR, Seen, resemblance, runs_of

TEXT = st.text(alphabet="泡茶先温杯水看老嫩慢来好喝香", min_size=1, max_size=80)


def exactly(one: str, other: str) -> float:
    """Jaccard of the runs themselves, the long way."""
    a, b = (
        {text[n : n + RUN] for n in range(max(1, len(text) - RUN + 1))} for text in (one, other)
    )
    return len(a & b) / len(a | b)


@given(TEXT, TEXT)
def test_resemblance_is_the_share_of_common_runs(one: str, other: str) -> None:
    """But for the few runs whose hashes meet."""
    found = resemblance(runs_of(one), runs_of(other))
    assert found == pytest.approx(exactly(one, other), abs=0.05)


@given(TEXT)
def test_a_text_resembles_itself_and_nothing_new(text: str) -> None:
    assert resemblance(runs_of(text), runs_of(text)) == 1
    assert resemblance(runs_of(text), runs_of("甲乙丙丁戊己庚辛")) == 0


def varied(text: str, changes: int, chance: Random) -> str:
    letters = list(text)
    for place in chance.sample(range(len(letters)), changes):
        letters[place] = chr(0x4E00 + chance.randrange(5_000))
    return "".join(letters)


@pytest.mark.parametrize(("changes", "kept"), [(0, False), (3, False), (40, True), (400, True)])
def test_a_text_with_some_characters_changed_is_a_duplicate_up_to_a_point(
    changes: int, kept: bool
) -> None:
    chance = Random(7)
    text = "".join(chr(0x4E00 + chance.randrange(5_000)) for _ in range(400))
    seen = Seen()
    assert seen.admit(text)
    other = varied(text, changes, chance)
    assert (exactly(text, other) < SIMILAR) == kept
    assert seen.admit(other) == kept
    assert len(seen) == 1 + kept


def test_no_two_that_were_kept_resemble_each_other_too_much() -> None:
    """LSH may let a pair slip that lies just above the bound; far above it none."""
    chance = Random(3)
    seeds = ["".join(chr(0x4E00 + chance.randrange(500)) for _ in range(200)) for _ in range(6)]
    texts = [varied(chance.choice(seeds), chance.randrange(0, 120), chance) for _ in range(70)]
    seen = Seen()
    kept = [text for text in texts if seen.admit(text)]
    assert 6 <= len(kept) < 70
    assert all(exactly(a, b) < SIMILAR + 0.08 for a, b in combinations(kept, 2))


@given(st.lists(TEXT, max_size=12))
@settings(max_examples=30)
def test_what_is_far_from_all_is_always_kept(texts: list[str]) -> None:
    seen = Seen()
    kept: list[str] = []
    for text in texts:
        far = all(exactly(text, other) < SIMILAR for other in kept)
        admitted = seen.admit(text)
        assert admitted or not far
        kept += [text] if admitted else []
    assert len(seen) == len(kept)


def test_the_mean_resemblance_is_that_of_the_pairs() -> None:
    seen = Seen()
    assert seen.mean_resemblance() is None
    seen.admit("泡茶先温杯水看老嫩慢来")
    assert seen.mean_resemblance() is None
    seen.admit("甲乙丙丁戊己庚辛")
    assert seen.mean_resemblance() == 0


@pytest.mark.parametrize("text", ["", "茶", "茶香"])
def test_texts_shorter_than_a_run_are_compared_whole(text: str) -> None:
    seen = Seen()
    assert seen.admit(text)
    assert not seen.admit(text)
