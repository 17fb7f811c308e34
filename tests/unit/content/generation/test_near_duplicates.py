"""Which texts are too much alike: equal ones, ones with a word changed; and which are not."""

from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.content.generation.ground import KINDS, example, task

from quanyu.content.generation.duplicates import SIMILAR, SPACE, Seen, resemblance, runs_of
from quanyu.content.generation.template import TemplateWriter

SCRIPT = (
    "大家好，今天讲乌龙茶。先温杯，再投茶，注水等半分钟。净含量一百二十五克，产地福建安溪。"
    "罐口有内盖，拧紧放在避光的柜子里。第一泡时间短一些，尝过浓淡再调整下一泡。"
    "喜欢浓一点还是淡一点？打在评论里，我挑几条聊。价格在商品页，想好了再下单。"
)
OTHER = (
    "锅开后先下牛肉，变色就捞，虾滑沿锅边一颗颗推下去。套餐写明四人，周末也能用，提前一天打电话。"
    "停车在地下二层，电梯上来右手边。不吃辣的坐菌汤这一侧，蘸料自己调。吃不完的打包带走。"
)


def kept(*texts: str) -> list[bool]:
    seen = Seen()
    return [seen.admit(text) for text in texts]


@pytest.mark.parametrize(
    ("change", "new"),
    [
        (lambda text: text, False),
        (lambda text: text.replace("乌龙", "龙井"), False),
        (lambda text: text.replace("一百二十五", "二百五十"), False),
        (lambda text: text + "谢谢。", False),
        (lambda text: "你好。" + text, False),
        (lambda text: text.replace("，", "、"), True),
        (lambda text: text[: len(text) // 2], True),
        (lambda text: text[len(text) // 4 :], False),
        (lambda text: OTHER, True),
        (lambda text: text + OTHER, True),
        (lambda text: text[::-1], True),
    ],
)
def test_a_text_beside_one_that_is_kept(change: object, new: bool) -> None:
    text = change(SCRIPT)  # type: ignore[operator]
    assert (resemblance(runs_of(SCRIPT), runs_of(text)) < SIMILAR) == new
    assert kept(SCRIPT, text) == [True, new]
    assert kept(text, SCRIPT) == [True, new], "whichever comes first"


def test_the_order_of_sentences_hardly_matters() -> None:
    sentences = [f"{one}。" for one in SCRIPT.split("。") if one]
    Random(1).shuffle(sentences)
    assert kept(SCRIPT, "".join(sentences)) == [True, False]


def test_a_text_is_looked_for_among_all_that_were_kept() -> None:
    seen = Seen()
    texts = ["".join(chr(0x4E00 + 40 * n + k) for k in range(40)) for n in range(60)]
    assert all(seen.admit(text) for text in texts)
    assert not any(seen.admit(text) for text in texts)
    assert len(seen) == 60


def test_what_was_refused_leaves_no_trace() -> None:
    """Else the next text would be compared with one that nobody kept."""
    seen = Seen()
    seen.admit(SCRIPT)
    near = SCRIPT.replace("乌龙", "龙井")
    assert not seen.admit(near)
    assert len(seen) == 1
    assert seen.admit(OTHER)
    assert not seen.admit(OTHER)


@pytest.mark.parametrize(("similar", "new"), [(0.99, True), (0.5, False)])
def test_the_bound_can_be_set(similar: float, *, new: bool) -> None:
    seen = Seen(similar=similar)
    seen.admit(SCRIPT)
    assert seen.admit(SCRIPT.replace("乌龙", "龙井")) == new


def test_the_bound_itself_is_a_duplicate_nearly_always() -> None:
    """Six shared runs of ten; bands find 98.8 % of such pairs by design, 1 − (1 − 0.6⁴)³²."""
    chance, refused = Random(11), 0
    for _ in range(200):
        text = "".join(chr(0x4E00 + chance.randrange(5_000)) for _ in range(14))
        one, other = text[:12], text[2:]
        assert resemblance(runs_of(one), runs_of(other)) == pytest.approx(6 / 10)
        refused += not kept(one, other)[1]
    assert refused >= 190


TEXTS = st.lists(st.text(alphabet="泡茶先温杯水看", min_size=1, max_size=60), max_size=15)


@given(TEXTS)
@settings(max_examples=40, deadline=None)
def test_the_same_texts_give_the_same_answers(texts: list[str]) -> None:
    assert kept(*texts) == kept(*texts)


@given(TEXTS)
@settings(max_examples=40, deadline=None)
def test_looking_up_and_counting_agree(texts: list[str]) -> None:
    """A text is left out only where the resemblance to a kept one reaches the bound."""
    seen, known = Seen(), []
    for text in texts:
        runs = runs_of(text)
        near = max((resemblance(runs, one) for one in known), default=0.0)
        if seen.admit(text):
            known.append(runs)
        else:
            assert near >= SIMILAR - 1e-9


@given(st.text(max_size=80))
def test_runs_are_sorted_distinct_and_within_their_space(text: str) -> None:
    runs = runs_of(text)
    assert len(runs) >= 1
    assert (np.diff(runs.astype(np.int64)) > 0).all()
    assert int(runs.max()) < SPACE


def test_an_odd_character_is_no_reason_to_break() -> None:
    assert kept("\ud800茶" * 10, "😀茶" * 10, "") == [True, True, True]


def test_hashes_hardly_ever_meet() -> None:
    """30,000 different runs: what meets would make strangers alike."""
    chance = Random(5)
    text = "".join(chr(0x4E00 + chance.randrange(20_000)) for _ in range(30_004))
    assert len(runs_of(text)) > 29_850


@pytest.mark.parametrize("kind", KINDS)
def test_seeds_give_the_same_words_in_whatever_order_they_are_asked(kind: str) -> None:
    made = example("serum_and_lipstick")
    forth = [TemplateWriter().write(task(kind, seed, brief=made)) for seed in range(8)]
    back = [TemplateWriter().write(task(kind, seed, brief=made)) for seed in reversed(range(8))]
    assert forth == back[::-1]


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_do_not_share_their_chance(kind: str) -> None:
    made = example("earbuds")
    first = TemplateWriter().write(task(kind, 1, brief=made))
    assert first.kind == kind
    assert first != TemplateWriter().write(task(kind, 2, brief=made))
    assert first != TemplateWriter().write(task(kind, 1, brief=made, round=1))
