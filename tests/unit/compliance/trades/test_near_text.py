"""Families of near copies."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.compliance.trades.near_text import families
from quanyu.compliance.trades.orders import UNKNOWN

PRAISE = "宝贝收到了，质量非常好，和描述的一样，穿着很舒服，下次还会再来"
WORDS = ("好用", "物流快", "包装不错", "会回购", "颜色喜欢", "质量一般", "客服热情", "性价比高",
         "孩子喜欢", "尺码偏大", "味道清香", "有点小贵", "声音很大", "屏幕清晰", "做工精细",
         "面料柔软", "安装简单", "电池耐用", "甜度适中", "没有异味")  # fmt: skip


def alike(*texts: str | None) -> bool:
    found = families(texts)
    return bool((found == found[0]).all() and found[0] != UNKNOWN)


@pytest.mark.parametrize(
    "other",
    [
        PRAISE,
        PRAISE.replace("，", "!"),
        PRAISE.replace("，", " "),
        f"  {PRAISE}。。。",
        PRAISE.replace("下次", "下回"),
        PRAISE + "哦",
    ],
)
def test_near_copies_are_family(other: str) -> None:
    assert alike(PRAISE, other)


@pytest.mark.parametrize(
    "other", ["今天喝了一口，茶汤很亮，闻着有兰花香", "质量非常好", "宝贝还没有收到，等了一个星期"]
)
def test_others_are_not(other: str) -> None:
    assert not alike(PRAISE, other)


def test_width_and_case_make_no_other_text() -> None:
    assert alike("VERY GOOD quality 123", "ｖｅｒｙ ｇｏｏｄ ｑｕａｌｉｔｙ １２３")


@pytest.mark.parametrize("text", ["好评", "", None, "。。。！！！，，，", "good"])
def test_short_ones_say_nothing(text: str | None) -> None:
    assert families([text, text]).tolist() == [UNKNOWN, UNKNOWN]


def test_nobody_has_written() -> None:
    assert families([]).tolist() == []
    assert families([None]).tolist() == [UNKNOWN]


def test_many_honest_reviews_are_few_families() -> None:
    """Texts of six phrases in any order: most stand alone."""
    chance = Random(3)
    texts = ["".join(chance.sample(WORDS, 6)) for _ in range(500)]
    sizes = np.bincount(families(texts))
    assert (sizes == 1).sum() > 300


def test_a_copied_one_among_many_is_found() -> None:
    chance = Random(4)
    texts = ["".join(chance.sample(WORDS, 6)) for _ in range(300)]
    copies = [PRAISE.replace("，", mark) for mark in "，。！ ~、"]
    found = families([*texts, *copies])
    assert len(set(found[300:].tolist())) == 1
    assert not set(found[300:].tolist()) & set(found[:300].tolist())


@settings(max_examples=15)
@given(texts=st.lists(st.text(max_size=30), max_size=6), seed=st.integers(0, 99))
def test_any_text_and_any_order(texts: list[str], seed: int) -> None:
    """Whatever people type; who is family does not hang on the place in the list."""
    line = list(range(len(texts)))
    Random(seed).shuffle(line)
    straight, shuffled = families(texts), families([texts[place] for place in line])
    for i, a in enumerate(line):
        for j, b in enumerate(line):
            same = straight[a] == straight[b]
            assert same == (shuffled[i] == shuffled[j])


def overlapping(share: float, chance: Random, *, triples: int = 60) -> tuple[str, str]:
    """Two texts whose sets of triples overlap by about ``share`` (Jaccard)."""
    letters = [chr(chance.randrange(0x4E00, 0x9FA0)) for _ in range(2 * triples)]
    common = round(2 * share * triples / (1 + share))
    first = "".join(letters[:triples])
    return first, first[:common] + "".join(letters[triples : 2 * triples - common])


@pytest.mark.parametrize(
    ("share", "least", "most"),
    [(1.0, 1.0, 1.0), (0.9, 0.95, 1.0), (0.8, 0.8, 0.98), (0.5, 0.05, 0.4), (0.2, 0.0, 0.05)],
)
def test_how_often_texts_meet_by_their_overlap(share: float, least: float, most: float) -> None:
    """1 − (1 − s⁵)⁶: the hash functions must be as good as independent for that."""
    chance = Random(int(share * 100))
    pairs = [overlapping(share, chance) for _ in range(400)]
    found = families([text for pair in pairs for text in pair])
    met = float((found[::2] == found[1::2]).mean())
    assert least <= met <= most


def test_families_are_one_across_the_chunks_of_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = Random(8)
    texts: list[str | None] = ["".join(chance.sample(WORDS, 6)) for _ in range(60)]
    texts += ["好", None, "", PRAISE, "太好了", PRAISE + "哦", "x" * 300]
    whole = families(texts)
    monkeypatch.setattr("quanyu.compliance.trades.near_text.CHUNK", 40)
    small = families(texts)
    for a, one in enumerate(texts):
        for b, _ in enumerate(texts):
            assert (whole[a] == whole[b]) == (small[a] == small[b]), (one, texts[b])


def test_a_text_between_short_ones_keeps_its_own_triples() -> None:
    """Short texts lie between long ones in memory; nothing of them may run over."""
    chance = Random(9)
    long = ["".join(chr(chance.randrange(0x4E00, 0x9FA0)) for _ in range(8)) for _ in range(30)]
    mixed: list[str | None] = []
    for text in long:
        mixed += ["短", text, "一二三四五六七"]
    found = families(mixed)
    assert (found[::3] == UNKNOWN).all()
    assert (found[2::3] == UNKNOWN).all()
    assert len(set(found[1::3].tolist())) == len(long)
