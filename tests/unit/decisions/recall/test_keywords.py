"""Keywords of campaigns: which one matches what was typed, and how."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.decisions.recall.keywords import KeywordIndex, Match, Matched
from quanyu.decisions.recall.words import shipped_words

MATCHES: tuple[Match, ...] = ("exact", "phrase", "broad", "negative")


def index(*keywords: tuple[str, str, Match]) -> KeywordIndex[str]:
    return KeywordIndex(keywords, words=shipped_words())


# query, keyword, exact, phrase, broad
TABLE = [
    ("笔记本电脑", "笔记本电脑", True, True, True),
    ("筆記本電腦", "笔记本电脑", True, True, True),
    ("笔记本电脑的", "笔记本电脑", True, True, True),
    ("轻薄笔记本电脑", "笔记本电脑", False, True, True),
    ("笔记本电脑 轻薄", "轻薄笔记本电脑", False, False, True),
    ("轻薄本 电脑", "轻薄笔记本电脑", False, False, True),
    ("电脑", "笔记本电脑", False, False, True),
    ("番茄鸡蛋", "西红柿", False, False, True),
    ("番茄", "西红柿", False, False, True),
    ("防晒霜", "口红", False, False, False),
    ("手机", "手机壳", False, False, False),
    ("手机壳", "手机", False, False, True),
    ("Nike Air 跑鞋", "nike air", False, True, True),
    ("nikeair", "nike air", False, False, False),
    ("ＮＩＫＥ", "nike", True, True, True),
    ("", "手机", False, False, False),
    ("？！", "手机", False, False, False),
    ("的了吗", "手机", False, False, False),
]


@pytest.mark.parametrize(("query", "keyword", "exact", "phrase", "broad"), TABLE)
def test_how_a_keyword_matches(
    query: str, keyword: str, exact: bool, phrase: bool, broad: bool
) -> None:
    expected = {"exact": exact, "phrase": phrase, "broad": broad}
    for how, matches in expected.items():
        found = index(("k", keyword, how)).find(query)  # type: ignore[arg-type]
        assert found == ({"k": Matched(keyword, how)} if matches else {}), how  # type: ignore[arg-type]


def test_the_narrowest_is_named() -> None:
    many = index(
        ("k", "电脑", "broad"), ("k", "轻薄 电脑", "broad"),
        ("k", "笔记本电脑", "phrase"), ("k", "轻薄笔记本电脑", "exact"),
    )  # fmt: skip
    assert many.find("轻薄笔记本电脑") == {"k": Matched("轻薄笔记本电脑", "exact")}
    assert many.find("联想笔记本电脑") == {"k": Matched("笔记本电脑", "phrase")}
    assert many.find("轻薄 pc") == {"k": Matched("轻薄 电脑", "broad")}
    assert many.find("pc") == {"k": Matched("电脑", "broad")}


def test_the_longest_phrase_is_named() -> None:
    two = index(("k", "手机", "phrase"), ("k", "苹果手机", "phrase"))
    assert two.find("苹果手机 大屏") == {"k": Matched("苹果手机", "phrase")}


def test_among_equals_the_first_given_is_named() -> None:
    twins = index(("k", "手機", "exact"), ("k", "手机", "exact"), ("k", "移动电话", "broad"))
    assert twins.find("手机") == {"k": Matched("手機", "exact")}
    broad = index(("k", "番茄", "broad"), ("k", "西红柿", "broad"))
    assert broad.find("西红柿") == {"k": Matched("番茄", "broad")}


def test_a_phrase_does_not_begin_inside_a_word() -> None:
    assert index(("k", "本电", "phrase")).find("笔记本电脑") == {}


def test_synonyms_only_in_broad() -> None:
    same = [("e", "土豆", "exact"), ("p", "土豆", "phrase"), ("b", "土豆", "broad")]
    assert set(index(*same).find("马铃薯")) == {"b"}  # type: ignore[arg-type]


def test_negative_is_without_synonyms_and_only_for_its_campaign() -> None:
    two = index(
        ("a", "土豆", "broad"), ("a", "马铃薯", "negative"), ("b", "土豆", "broad"),
    )  # fmt: skip
    assert set(two.find("土豆")) == {"a", "b"}
    assert set(two.find("马铃薯")) == {"b"}


def test_a_negative_of_several_words_needs_all_of_them() -> None:
    one = index(("k", "手机", "broad"), ("k", "二手 手机", "negative"))
    assert set(one.find("手机")) == {"k"}
    assert one.find("手机 大屏 二手") == {}


def test_negative_wins_over_the_very_same_keyword() -> None:
    assert index(("k", "手机", "exact"), ("k", "手机", "negative")).find("手机") == {}
    assert index(("k", "手机", "negative"), ("k", "手机", "exact")).find("手机") == {}


def test_keywords_without_words_match_nothing_and_are_told() -> None:
    odd = index(("k", "！！", "broad"), ("n", "的", "negative"), ("n", "手机", "exact"))
    assert odd.unusable == [("k", "！！"), ("n", "的")]
    assert set(odd.find("手机")) == {"n"}


def test_campaigns_may_be_numbers() -> None:
    numbered = KeywordIndex([(7, "手机", "exact")], words=shipped_words())
    assert numbered.find("手机") == {7: Matched("手机", "exact")}


def test_an_endless_query_is_cut_short() -> None:
    one = index(("k", "土豆", "phrase"), ("k", "不卖", "negative"))
    assert set(one.find("土豆 " * 3000)) == {"k"}


WORDS = (
    "土豆",
    "马铃薯",
    "手机",
    "苹果手机",
    "手机壳",
    "大屏",
    "便宜",
    "笔记本电脑",
    "nike",
    "番茄",
)
texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(" ".join)
keywords = st.lists(
    st.tuples(st.integers(0, 4), texts, st.sampled_from(MATCHES)), max_size=12
)  # fmt: skip


@given(keywords, texts)
@settings(max_examples=120)
def test_a_campaign_whose_negative_matches_is_never_found(
    given_: list[tuple[int, str, Match]], query: str
) -> None:
    words = shipped_words()
    found = KeywordIndex(given_, words=words).find(query)
    spoken = {*words.cut(query), *words.of(query)}
    for key, text, match in given_:
        if match == "negative" and set(words.cut(text)) <= spoken:
            assert key not in found


@given(keywords, texts)
@settings(max_examples=120)
def test_the_index_agrees_with_looking_at_each_keyword(
    given_: list[tuple[int, str, Match]], query: str
) -> None:
    found = KeywordIndex(given_, words=shipped_words()).find(query)
    alone = {
        key: text
        for key, text, match in given_
        if KeywordIndex([(key, text, match)], words=shipped_words()).find(query)
    }
    blocked = {
        key
        for key, text, match in given_
        if match == "negative"
        and not KeywordIndex(
            [(key, query, "exact"), (key, text, match)], words=shipped_words()
        ).find(query)
    }
    assert set(found) == set(alone) - blocked


def test_the_order_of_a_set_never_shows() -> None:
    chance = random.Random(3)
    many = [(n % 50, " ".join(chance.sample(WORDS, 2)), chance.choice(MATCHES)) for n in range(600)]
    first = KeywordIndex(many, words=shipped_words())
    again = KeywordIndex(many, words=shipped_words())
    for query in ("土豆 手机", "苹果手机壳 便宜", "笔记本电脑 nike"):
        assert list(first.find(query).items()) == list(again.find(query).items())
