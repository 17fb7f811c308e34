"""Funnels: ordered steps inside a window, counted at the deepest step."""

import pytest
from tests.lake_town import event

from quanyu.clock import DAY_US, HOUR_US, parse_iso
from quanyu.errors import BadInput
from quanyu.measurement.forms import funnel_query, parse_where, read_where
from quanyu.measurement.funnels import FunnelQuery, evaluate
from quanyu.measurement.period import Period
from quanyu.measurement.steps import Seen, Step, parse_steps

NOON_US = parse_iso("2026-03-10T12:00:00+08:00")
STEPS = parse_steps("view,add_to_cart,payment_completed")
KINDS = {"v": "view", "c": "add_to_cart", "p": "payment_completed"}


def day_of(story: str, person: int = 1) -> list[Seen]:
    """``"v0 c2 p30"``: kind and hour after noon; the order in the text is the order of ids."""
    return [
        Seen(
            person,
            event(
                f"{person}-{n:02d}", NOON_US + int(float(word[1:]) * HOUR_US), kind=KINDS[word[0]]
            ),
        )
        for n, word in enumerate(story.split())
    ]


def people(story: str, window_us: int = DAY_US) -> list[int]:
    return [s.people for s in evaluate(FunnelQuery(STEPS, window_us), day_of(story)).steps]


@pytest.mark.parametrize(
    ("story", "reached"),
    [
        ("", [0, 0, 0]),
        ("c0 p1", [0, 0, 0]),
        ("v0", [1, 0, 0]),
        ("v0 c1 p2", [1, 1, 1]),
        ("c0 v1 p2", [1, 0, 0]),
        ("v0 p1 c2", [1, 1, 0]),
        ("v0 p1", [1, 0, 0]),
        ("v0 c24 p24", [1, 1, 1]),
        ("v0 c24 p24.1", [1, 1, 0]),
        ("v0 c25", [1, 0, 0]),
        ("v0 c1 v20 c30 p40", [1, 1, 1]),
        ("v0 v20 c21 p26", [1, 1, 1]),
        ("v0 c1 v20 p26", [1, 1, 0]),
        ("p0 c0 v0", [1, 1, 1]),
    ],
    ids=lambda value: value if isinstance(value, str) and value else None,
)
def test_how_far_one_person_gets(story: str, reached: list[int]) -> None:
    assert people(story) == reached


def test_the_order_in_which_events_come_in_does_not_matter() -> None:
    seen = day_of("v0 c1 v5 c6 p7")
    query = FunnelQuery(STEPS)
    assert evaluate(query, seen) == evaluate(query, reversed(seen))


def test_rates_and_the_time_between_steps() -> None:
    seen = [
        *day_of("v0 c1 p2", 1),
        *day_of("v0 c3", 2),
        *day_of("v0", 3),
        *day_of("v0 c5 v6 c7", 4),
    ]
    first, second, third = evaluate(FunnelQuery(STEPS), seen).steps
    assert (first.people, first.rate_from_previous, first.median_seconds) == (4, 1.0, None)
    assert (second.people, second.rate_from_first, second.median_seconds) == (3, 0.75, 3600.0)
    assert (third.people, third.rate_from_previous, third.rate_from_first) == (1, 1 / 3, 0.25)


def test_a_kind_may_come_twice_but_an_event_counts_once() -> None:
    query = FunnelQuery(parse_steps("view,view,payment_completed"))
    found = [
        [s.people for s in evaluate(query, day_of(story)).steps]
        for story in ("v0", "v0 v0", "v0 v1 p2")
    ]
    assert found == [[1, 0, 0], [1, 1, 0], [1, 1, 1]]


def test_conditions_belong_to_a_step_or_to_all() -> None:
    seen = [
        Seen(1, event("a", NOON_US, props={"city": "上海"})),
        Seen(1, event("b", NOON_US + 1, kind="add_to_cart", props={"city": "北京"})),
    ]
    of_step = FunnelQuery((Step("view", (("city", ("上海",)),)), Step("add_to_cart")))
    of_all = FunnelQuery(of_step.steps, where=(("city", ("上海",)),))
    assert [s.people for s in evaluate(of_step, seen).steps] == [1, 1]
    assert [s.people for s in evaluate(of_all, seen).steps] == [1, 0]


def test_only_events_of_the_period_count() -> None:
    query = FunnelQuery(STEPS, period=Period(NOON_US + HOUR_US, NOON_US + 3 * HOUR_US))
    assert [s.people for s in evaluate(query, day_of("v0 v1 c2 p3")).steps] == [1, 1, 0]


@pytest.mark.parametrize(
    ("steps", "window", "field", "says"),
    [
        ("view,buy", "1d", "steps", "'buy' is no kind of event"),
        ("", "1d", "steps", "no kind of event"),
        (",".join(["view"] * 11), "1d", "steps", "1 to 10 steps, not 11"),
        ([], "1d", "steps", "1 to 10 steps, not 0"),
        ([5], "1d", "steps", "write a kind"),
        ([{"kind": "view", "were": {}}], "1d", "steps", "write a kind"),
        ([{"kind": 5}], "1d", "steps", "write a kind"),
        ("view", "1x", "window", "not a duration"),
        ("view", "0d", "window", "longer than nothing"),
        ("view", "999999w", "window", "up to ten years"),
    ],
)
def test_what_no_funnel_can_be_made_of(steps: object, window: str, field: str, says: str) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        funnel_query(steps, window)  # type: ignore[arg-type]
    assert refused.value.field == field


def test_steps_with_conditions_as_programs_write_them() -> None:
    form = ["view", {"kind": "add_to_cart", "where": {"city": ["上海", "北京"], "size": 5}}]
    query = funnel_query(form, "2h")
    assert query.steps[1].where == (("city", ("上海", "北京")), ("size", (5,)))
    assert query.window_us == 2 * HOUR_US


@pytest.mark.parametrize(
    ("texts", "where"),
    [
        (["touchpoint=taobao.search"], (("touchpoint", ("taobao.search",)),)),
        (["size=5", "size=6"], (("size", (5, 6)),)),
        (["vip=true", "x=0.5"], (("vip", (True,)), ("x", (0.5,)))),
        (['size="5"'], (("size", ("5",)),)),
        (["city= 上海 "], (("city", ("上海",)),)),
        (["note=a=b"], (("note", ("a=b",)),)),
        (["list=[1]"], (("list", ("[1]",)),)),
    ],
)
def test_conditions_as_people_write_them(texts: list[str], where: object) -> None:
    assert parse_where(texts) == where


@pytest.mark.parametrize("text", ["city", "=上海", ""])
def test_conditions_that_say_nothing(text: str) -> None:
    with pytest.raises(BadInput, match="field=value"):
        parse_where([text])


@pytest.mark.parametrize(
    "form", [[], {"": 5}, {"a": []}, {"a": {}}, {"a": [None]}, {"a": [1] * 101}]
)
def test_conditions_that_programs_get_wrong(form: object) -> None:
    with pytest.raises(BadInput):
        read_where(form)
