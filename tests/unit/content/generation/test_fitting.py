"""Time, shares and lengths, held to the second and to the character, whoever wrote the draft."""

from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.content.generation.ground import TEA, brief, example, task

from quanyu.content.generation.draft import ROLES, Draft, Part, shares_of_parts
from quanyu.content.generation.fitting import PART_CHARACTERS_MAX, PARTS_MAX, fitted
from quanyu.content.generation.ports import Unwritten
from quanyu.content.generation.speaking import SHOW, VIDEO, time_of
from quanyu.content.generation.template import TemplateWriter
from quanyu.errors import BadInput


def show(*parts: Part, title: str = "茶") -> Draft:
    return Draft("show-script", title, parts)


def shot(role: str, characters: int, **change: Any) -> Part:
    said = {"picture": "桌面", "subtitle": "茶"} | change
    return Part(role, "茶" * characters, **said)


def complaint(draft: Draft, **change: Any) -> str:
    with pytest.raises(Unwritten) as caught:
        fitted(draft, brief(**change))
    return caught.value.detail


@pytest.mark.parametrize("name", ["serum_and_lipstick", "hotpot_for_four", "walnuts", "bedding"])
@pytest.mark.parametrize("kind", ["show-script", "video-script"])
def test_examples_take_exactly_the_time_that_was_asked_for(kind: str, name: str) -> None:
    made = example(name)
    wanted = made.minutes * 60 if kind == "show-script" else made.seconds
    for seed in range(6):
        written = TemplateWriter().write(task(kind, seed, brief=made))
        assert written.seconds == wanted
        assert fitted(written, made).seconds == wanted


@settings(max_examples=25, deadline=None)
@given(st.integers(3, 240), st.integers(0, 200))
def test_a_show_of_any_length_is_filled(minutes: int, seed: int) -> None:
    made = brief(minutes=minutes)
    found = TemplateWriter().write(task("show-script", seed, brief=made))
    assert found.seconds == minutes * 60
    for one in found.parts:
        assert (one.seconds or 0) >= SHOW.seconds(one.text)
        if one.purpose == "marketing":
            assert one.seconds == SHOW.seconds(one.text), "what sells is not stretched"


@settings(max_examples=25, deadline=None)
@given(st.integers(30, 180), st.integers(0, 200))
def test_a_video_of_any_length_is_filled(seconds: int, seed: int) -> None:
    found = TemplateWriter().write(task("video-script", seed, brief=brief(seconds=seconds)))
    assert found.seconds == seconds
    for one in found.parts:
        assert (one.seconds or 0) >= VIDEO.seconds(one.text)


@settings(max_examples=25, deadline=None)
@given(st.integers(2, 6), st.integers(0, 200))
def test_items_share_the_time_of_a_show(count: int, seed: int) -> None:
    """No item gets more than a second more than another."""
    made = brief(
        *(TEA | {"id": f"tea{n}", "title": f"乌龙{n}号"} for n in range(count)), minutes=20
    )
    parts = TemplateWriter().write(task("show-script", seed, brief=made)).parts
    slots: list[list[Part]] = []
    for one in parts[2:-1]:
        if one.role == "bridge":
            slots.append([])
        slots[-1].append(one)
    times = [time_of(slot) for slot in slots]
    assert len(times) == count
    assert max(times) - min(times) <= 1


@pytest.mark.parametrize(("characters", "seconds"), [(1, 4), (708, 179), (712, 180), (713, 181)])
def test_a_show_may_speak_up_to_its_last_second(characters: int, seconds: int) -> None:
    """Four characters a second, and two for the thanks."""
    draft = show(Part("demo", "茶" * characters), Part("closing", "谢谢"))
    if seconds <= 180:
        assert fitted(draft, brief(minutes=3)).seconds == 180
    else:
        assert f"要念 {seconds} 秒，只有 180 秒" in complaint(draft, minutes=3)


def test_the_seconds_of_a_writer_are_set_anew_by_speech() -> None:
    draft = show(Part("demo", "茶" * 40, seconds=9_999), Part("closing", "谢谢", seconds=1))
    found = fitted(draft, brief(minutes=3))
    assert found.seconds == 180
    assert [one.role for one in found.parts] == ["demo", "closing"]


def test_words_without_time_lose_their_seconds() -> None:
    draft = Draft("article", "茶", (Part("tip", "温杯", seconds=30),))
    assert fitted(draft, brief()).parts[0].seconds is None


@pytest.mark.parametrize(
    ("kind", "value", "sells", "fits"),
    [
        ("article", 70, 30, True),
        ("article", 69, 31, False),
        ("article", 0, 10, False),
        ("creative", 1, 99, True),
    ],
)
def test_the_share_that_sells_is_counted_by_characters(
    kind: Any, value: int, sells: int, *, fits: bool
) -> None:
    role = "tip" if kind == "article" else "points"
    parts = [Part(role, "茶" * value)] if value else []
    draft = Draft(kind, "茶", (*parts, Part("call", "买" * sells)))
    if fits:
        assert shares_of_parts(fitted(draft, brief()).parts).marketing == sells
    else:
        assert "最多 30 %" in complaint(draft)


@pytest.mark.parametrize(("sells", "fits"), [(72, True), (76, False)])
def test_a_tenth_of_a_show_may_sell(sells: int, *, fits: bool) -> None:
    """Of 180 seconds 18: 72 characters at four a second."""
    draft = show(Part("demo", "茶" * 40), Part("price", "元" * sells))
    if fits:
        assert shares_of_parts(fitted(draft, brief(minutes=3)).parts).within(100)
    else:
        assert "最多 10 %" in complaint(draft, minutes=3)


@pytest.mark.parametrize(("sells", "fits"), [(42, True), (47, False)])
def test_three_tenths_of_a_video_may_sell(sells: int, *, fits: bool) -> None:
    """Of 30 seconds 9: 42 characters at 280 a minute."""
    draft = Draft("video-script", "茶", (shot("hook", 20), shot("call", sells)))
    if fits:
        assert fitted(draft, brief(seconds=30)).seconds == 30
    else:
        assert "最多 30 %" in complaint(draft, seconds=30)


@pytest.mark.parametrize("change", [{"picture": ""}, {"subtitle": ""}])
def test_a_shot_shows_something_and_says_what(change: dict[str, str]) -> None:
    draft = Draft("video-script", "茶", (shot("hook", 20), shot("demo", 20, **change)))
    assert "picture 和 subtitle" in complaint(draft, seconds=30)


@pytest.mark.parametrize(
    ("draft", "said"),
    [
        (Draft("article", "", (Part("tip", "温杯"),)), "title 要有 1 到 200 字"),
        (Draft("article", "茶" * 201, (Part("tip", "温杯"),)), "title 要有 1 到 200 字"),
        (Draft("creative", "茶" * 31, (Part("points", "温杯"),)), "title 最多 30 字"),
        (Draft("article", "茶", (Part("tip", "温" * 200),)), "全文 201 字，最多 200 字"),
        (Draft("article", "茶", (Part("tip", " "),)), "每段 text"),
        (
            Draft("article", "茶", (Part("tip", "茶" * (PART_CHARACTERS_MAX + 1)),)),
            f"1 到 {PART_CHARACTERS_MAX} 字",
        ),
        (Draft("article", "茶", ()), f"1 到 {PARTS_MAX} 段"),
        (Draft("article", "茶", (Part("tip", "茶"),) * (PARTS_MAX + 1)), f"1 到 {PARTS_MAX} 段"),
        (Draft("article", "茶", (Part("tip", "茶", items=("cup",)),)), "item 只能是 tea"),
        (Draft("article", "茶", (Part("tip", "茶", stores=("s",)),)), "item 只能是 tea"),
    ],
)
def test_a_complaint_says_what_to_do_in_the_words_of_the_writer(draft: Draft, said: str) -> None:
    assert said in complaint(draft, characters=200)


@pytest.mark.parametrize(
    "draft",
    [
        Draft("article", "茶", (Part("tip", "温" * 199),)),
        Draft("creative", "茶" * 30, (Part("points", "温杯"),)),
        Draft("article", "茶", (Part("tip", "茶"),) * 199),
        Draft("article", "茶", (Part("tip", "茶", items=("tea",)),)),
    ],
)
def test_what_just_fits_is_let_through(draft: Draft) -> None:
    assert fitted(draft, brief(characters=200)).title == draft.title


@pytest.mark.parametrize("kind", ROLES)
def test_every_kind_knows_its_roles_only(kind: Any) -> None:
    strange = set().union(*ROLES.values()) - ROLES[kind]
    for role in sorted(strange):
        assert role in complaint(Draft(kind, "茶", (shot(role, 4),)), seconds=30, minutes=3)


@pytest.mark.parametrize("characters", [200, 220, 300, 800, 5_000])
@pytest.mark.parametrize("name", ["hotpot_for_four", "walnuts", "earbuds", "serum_and_lipstick"])
def test_an_article_is_never_longer_than_asked(characters: int, name: str) -> None:
    made = msgspec.structs.replace(example(name), characters=characters)
    for seed in range(6):
        found = TemplateWriter().write(task("article", seed, brief=made))
        assert len(found.title) + sum(len(one.text) for one in found.parts) <= characters
        assert {"facts", "call"} <= {one.role for one in found.parts}
        assert fitted(found, made) == found


def test_facts_are_left_out_before_an_article_grows_too_long() -> None:
    made = brief(TEA | {"facts": {f"规格{n}": "长" * 60 for n in range(4)}}, characters=240)
    for seed in range(6):
        found = TemplateWriter().write(task("article", seed, brief=made))
        assert 1 <= sum(f"规格{n}" in found.whole() for n in range(4)) < 4


def test_an_article_that_no_fact_fits_is_refused_with_a_mend() -> None:
    made = brief(TEA | {"title": "乌" * 60, "facts": {"产地": "长" * 80}}, characters=200)
    with pytest.raises(BadInput, match="300 or more") as caught:
        TemplateWriter().write(task("article", brief=made))
    assert caught.value.field == "brief.characters"


def test_more_room_gives_more_advice() -> None:
    def advice(characters: int) -> int:
        found = TemplateWriter().write(task("article", 3, brief=brief(characters=characters)))
        return sum(one.role == "tip" for one in found.parts)

    assert advice(300) <= advice(600) < advice(2_000)
