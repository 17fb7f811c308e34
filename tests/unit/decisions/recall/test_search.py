"""Search: BM25 as the books have it, words for the same thing, and wrong keys."""

from math import log

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.recall_ground import goods_with, ids, shelf

from quanyu.decisions.recall.search import ALIKE, K1, B, Search
from quanyu.decisions.recall.sounds import Sounds, edits, sound_of
from quanyu.decisions.recall.words import Synonyms, shipped_words

NONE = Synonyms()


@pytest.fixture(scope="module")
def search() -> Search:
    return Search(shelf(), shipped_words().synonyms)


def found(search: Search, query: str, limit: int = 3) -> list[str]:
    return ids(shelf(), search.find(shipped_words().of(query), limit=limit).rows)


QUERIES = [
    ("笔记本电脑", "thinkbook"),
    ("電腦", "thinkbook"),
    ("pc", "thinkbook"),
    ("马铃薯", "potato"),
    ("番茄", "tomato"),
    ("口红 显白", "lipstick"),
    ("苹果手机壳", "case"),
    ("双人 帐篷", "tent"),
    ("火锅", "hotpot"),
    ("无线 鼠标", "mouse"),
]


@pytest.mark.parametrize(("query", "first"), QUERIES)
def test_what_is_meant_comes_first(search: Search, query: str, first: str) -> None:
    assert found(search, query)[0] == first


WRONG_KEYS = [
    ("bijiben", "thinkbook", "笔记本"),
    ("笔纪本", "thinkbook", "笔记本"),
    ("kouhong", "lipstick", "口红"),
    ("口鸿", "lipstick", "口红"),
    ("zhangpeng", "tent", "帐篷"),
    ("huogou", "hotpot", "火锅"),
    ("ximiannai", "cleanser", "洗面奶"),
    ("tu dou", "potato", "土豆"),
]


@pytest.mark.parametrize(("query", "first", "read_as"), WRONG_KEYS)
def test_a_wrong_key_is_heard(search: Search, query: str, first: str, read_as: str | None) -> None:
    result = search.find(shipped_words().of(query))
    assert shelf().ids[int(result.rows[0])] == first
    assert read_as is None or read_as in result.read_as


def test_what_is_found_as_typed_is_not_read_otherwise(search: Search) -> None:
    assert search.find(shipped_words().of("土豆")).read_as == ()


@pytest.mark.parametrize("query", ["zzzzqqqq", "龘靐齉", "x", "的", "", "9" * 300, "a" * 5000])
def test_nonsense_finds_nothing_and_breaks_nothing(search: Search, query: str) -> None:
    result = search.find(shipped_words().of(query))
    assert (len(result.rows), len(result.scores), result.read_as) == (0, 0, ())


def test_bm25_by_hand() -> None:
    said = [("a", "a", "b"), ("a", "c", "c", "c", "c"), ("b",)]
    result = Search(goods_with(said), NONE).find(("a",))
    idf = log(1 + (3 - 2 + 0.5) / (2 + 0.5))
    mean = 9 / 3
    by_hand = [
        idf * tf * (K1 + 1) / (tf + K1 * (1 - B + B * length / mean))
        for tf, length in ((2, 3), (1, 5))
    ]  # fmt: skip
    assert result.rows.tolist() == [0, 1]
    np.testing.assert_allclose(result.scores, by_hand, rtol=1e-6)


def test_a_word_for_the_same_thing_counts_less() -> None:
    both = Search(goods_with([("土豆",), ("马铃薯",), ("番茄",)]), shipped_words().synonyms)
    result = both.find(("土豆",))
    assert result.rows.tolist() == [0, 1]
    assert result.scores[1] == pytest.approx(ALIKE * result.scores[0])


words = st.sampled_from(["土豆", "番茄", "手机", "口红", "nike", "a1"])


@given(st.lists(st.lists(words, max_size=5), min_size=1, max_size=20), st.lists(words, max_size=3))
@settings(max_examples=80)
def test_every_row_found_has_a_word_and_every_row_with_a_word_is_found(
    said: list[list[str]], query: list[str]
) -> None:
    result = Search(goods_with(said), NONE).find(query)
    rows = {row for row, one in enumerate(said) if set(one) & set(query)}
    if rows:
        assert set(result.rows.tolist()) == rows
    assert (np.diff(result.scores) <= 0).all()


def test_categories_are_voted_for(search: Search) -> None:
    result = search.find(shipped_words().of("蔬菜"))
    (first, share), *_ = search.categories((result.rows, result.scores))
    assert (first, share) == ("蔬菜", 1.0)
    mixed = search.find(shipped_words().of("露营"))
    votes = search.categories((mixed.rows, mixed.scores))
    assert {name for name, _ in votes} == {"帐篷", "露营灯"}
    assert sum(share for _, share in votes) == pytest.approx(1)


def test_nothing_votes_for_nothing(search: Search) -> None:
    result = search.find(("zzzz",))
    assert search.categories((result.rows, result.scores)) == ()


def test_an_empty_shop() -> None:
    assert len(Search(goods_with([]), NONE).find(("土豆",)).rows) == 0


@pytest.mark.parametrize(
    ("word", "sound"),
    [("笔记本", "bijiben"), ("绿茶", "lvcha"), ("iphone15", "iphone15"), ("t恤", "txu"), ("①", ""),
     ("😀", "")],
)  # fmt: skip
def test_sounds(word: str, sound: str) -> None:
    assert sound_of(word) == sound


def test_the_most_used_of_words_that_sound_alike() -> None:
    holders = {"公式": 3, "攻势": 9, "工事": 1}
    assert Sounds(holders, holders=holders.__getitem__).meant(("宫室",)) == ("攻势",)


def test_a_query_is_cut_into_the_fewest_words() -> None:
    held = dict.fromkeys(("笔记", "本", "电脑", "笔记本", "笔记本电脑"), 1)
    sounds = Sounds(held, holders=held.__getitem__)
    assert sounds.meant(("bijibendiannao",)) == ("笔记本电脑",)
    del held["笔记本电脑"]
    sounds = Sounds(held, holders=held.__getitem__)
    assert sounds.meant(("bijibendiannao",)) == ("笔记本", "电脑")


@given(st.text("abc1", min_size=1, max_size=6))
def test_edits_are_one_step_away(word: str) -> None:
    assert all(abs(len(one) - len(word)) <= 1 for one in edits(word))
    assert {word[1:], word[:-1], word + "z"} <= set(edits(word))
