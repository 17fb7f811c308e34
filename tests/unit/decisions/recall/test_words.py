"""Words of Chinese text: what is typed and what is listed are cut alike."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.decisions.recall.words import (
    TEXT_MAX,
    Synonyms,
    plain,
    read_synonyms,
    shipped_words,
    words_with,
)
from quanyu.errors import BadInput

CUTS = [
    ("联想笔记本电脑", ("联想", "笔记本电脑")),
    ("華為筆記本電腦", ("华为", "笔记本电脑")),
    ("ＩＰＨＯＮＥ 手机壳", ("iphone", "手机壳")),
    ("我想买一个保温杯", ("想", "买", "保温杯")),
    ("防晒霜女士", ("防晒霜", "女士")),
    ("西红柿 500g", ("西红柿", "500g")),
    ("Wi-Fi路由器", ("wi-fi", "路由器")),
    ("手\u200b机\u200b壳", ("手机壳",)),
    ("扫地机器人 推荐", ("扫地机器人",)),
    ("！！！ ——", ()),
    ("", ()),
    ("  \t\n ", ()),
]
SEARCHED = [
    ("笔记本电脑", {"笔记", "笔记本", "电脑", "笔记本电脑"}),
    ("手机壳", {"手机", "机壳", "手机壳"}),
    ("中华人民共和国", {"中华", "华人", "人民", "共和", "共和国", "中华人民共和国"}),
]


@pytest.mark.parametrize(("text", "words"), CUTS)
def test_cut(text: str, words: tuple[str, ...]) -> None:
    assert shipped_words().cut(text) == words


@pytest.mark.parametrize(("text", "words"), SEARCHED)
def test_a_search_cut_names_the_parts_too(text: str, words: set[str]) -> None:
    assert set(shipped_words().of(text)) == words


def test_several_texts_are_cut_one_by_one() -> None:
    words = shipped_words()
    assert words.of("手机", "壳") == ("手机", "壳")
    assert words.of("土豆 土豆") == ("土豆", "土豆"), "how often a word stands is for the index"


def test_a_book_is_not_read_to_its_end() -> None:
    assert len(shipped_words().cut("土豆 " * TEXT_MAX)) <= TEXT_MAX


@given(st.text(max_size=40))
@settings(max_examples=60)
def test_any_text_can_be_cut_and_cut_words_are_plain(text: str) -> None:
    words = shipped_words()
    for word in words.cut(text):
        assert word
        assert word not in words.synonyms.stop
        assert plain(word) == word or not word.isascii()


@given(st.text(max_size=30))
@settings(max_examples=60)
def test_width_and_case_make_no_difference(text: str) -> None:
    assert plain(plain(text)) == plain(text) or not text.isascii()
    if text.isascii():
        wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)
        assert shipped_words().cut(wide) == shipped_words().cut(text.upper())


def test_words_for_the_same_thing() -> None:
    synonyms = shipped_words().synonyms
    assert synonyms.one("笔记本") == synonyms.one("笔记本电脑") == synonyms.one("电脑") == "电脑"
    assert set(synonyms.others("番茄")) == {"西红柿"}
    assert synonyms.one("独一无二") == "独一无二"
    assert synonyms.others("独一无二") == ()


def test_the_shipped_groups_are_a_few_hundred_words_and_do_not_overlap() -> None:
    groups, stop = read_synonyms(shipped_file())
    words = [plain(word) for group in groups for word in group]
    assert len(words) == len(set(words)) > 400
    assert all(len(group) > 1 for group in groups)
    assert not {plain(word) for word in stop} & set(words)


def shipped_file() -> bytes:
    from importlib import resources

    import quanyu.decisions.recall as package

    return resources.files(package).joinpath("synonyms.toml").read_bytes()


def test_every_synonym_is_cut_as_one_word() -> None:
    words = shipped_words()
    apart = [one for one in words.synonyms if one not in words.of(one)]
    assert [one for one in apart if one not in words.synonyms.stop] == []


def test_a_merchants_own_words_come_first() -> None:
    own = words_with('shop = [["小黑瓶", "精华"], ["番茄", "圣女果"]]')
    assert own.synonyms.one("精华") == "小黑瓶"
    assert own.synonyms.others("精华液") == ("精华素", "安瓶"), "the rest of the shipped group"
    assert own.synonyms.others("番茄") == ("圣女果",)
    assert own.cut("小黑瓶套装") == ("小黑瓶", "套装")
    assert shipped_words().synonyms.one("精华") == "精华", "others are not touched"


def test_own_stop_words() -> None:
    assert words_with('stop = ["旗舰店"]').cut("旗舰店 手机") == ("手机",)


BAD = [
    ("no toml at all [", "write lists of words"),
    ("shop = 5", "write lists of words"),
    ('shop = [["a", 5]]', "write lists of words"),
    ('shop = ["a", "b"]', "must stand in a group"),
    ('shop = [["甲", "乙"], ["乙", "丙"]]', "stands in another group"),
    ('shop = [["Ａ甲", "乙"], ["a甲", "丙"]]', "stands in another group"),
    (b"\xff\xfe", "write lists of words"),
]


@pytest.mark.parametrize(("text", "mend"), BAD)
def test_bad_files_name_the_mend(text: str | bytes, mend: str) -> None:
    with pytest.raises(BadInput, match=mend):
        words_with(text)


def test_words_that_are_nothing_are_left_out_of_their_group() -> None:
    synonyms = Synonyms([["", "\u200b", "土豆", "土豆"]])
    assert list(synonyms) == ["土豆"]
