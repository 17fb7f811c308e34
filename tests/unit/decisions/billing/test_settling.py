"""A batch of events and its wins, against a model that walks them one by one."""

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.clock import DAY_US, HOUR_US, MINUTE_US
from quanyu.decisions.billing.clicks import BILLED, Clicks, Limits
from quanyu.decisions.billing.settling import Settling, Standing, Told, Touch, slot_of
from quanyu.decisions.billing.win import WinState
from quanyu.events.event import Event

TRACE = bytes(16)
LIMITS = Limits(campaign_an_hour=3, person_a_minute=4)


def standing(**change: Any) -> Standing:
    fields: dict[str, Any] = {
        "campaign": "c", "lease": 1, "price_millifen": 1_500, "billing": "click",
        "touchpoint": "a.b", "person": None, "at_us": 0, "expires_us": HOUR_US, "seen_us": None,
        "state": WinState.HELD,
    }  # fmt: skip
    return Standing(**{**fields, **change})


def touch(offset: int, position: int = 1, **change: Any) -> Touch:
    fields: dict[str, Any] = {
        "kind": "click", "at_us": MINUTE_US, "touchpoint": "a.b", "node": 7, "person": 7,
    }  # fmt: skip
    return Touch(offset=offset, key=(TRACE, position), **{**fields, **change})


def settling(*wins: Standing, **change: Any) -> Settling:
    fields: dict[str, Any] = {"clicks": Clicks(), "flagged": frozenset(), "told": {}}
    held = {(TRACE, number): win for number, win in enumerate(wins, 1)}
    return Settling(held, **{**fields, "limits": LIMITS, **change})


def reasons(made: Settling, *touches: Touch) -> list[str]:
    return [one.reason for one in made.run(touches)]


def test_the_first_settles_and_the_next_is_a_repetition() -> None:
    made = settling(standing())
    assert reasons(made, touch(1), touch(2)) == [BILLED, "repeated"]
    assert list(made.settled) == [(1, "c", 1_500)]
    assert list(made.released) == []


def test_what_is_invalid_releases_and_what_follows_is_too_late() -> None:
    made = settling(standing(), flagged=frozenset({7}))
    assert reasons(made, touch(1), touch(2, person=8)) == ["flagged_buyer", "over"]
    assert list(made.released) == [(1, "c", 1_500)]


def test_what_comes_too_late_ends_nothing() -> None:
    made = settling(standing())
    assert reasons(made, touch(1, at_us=HOUR_US), touch(2)) == ["over", BILLED]


def test_an_impression_further_on_in_the_delivery_counts() -> None:
    told = {"a.b": Told(0, 0)}
    seen = touch(2, kind="impression", at_us=1)
    assert reasons(settling(standing(), told=dict(told)), touch(1), seen) == [BILLED]
    assert reasons(settling(standing(), told=dict(told)), touch(1)) == ["not_seen"]


def test_a_touchpoint_that_fell_silent_is_asked_for_no_impressions() -> None:
    win = standing(expires_us=10 * DAY_US)
    silent = {"a.b": Told(0, 0)}
    assert reasons(settling(win, told=silent), touch(1, at_us=DAY_US)) == [BILLED]
    loud = {"a.b": Told(0, 1)}
    again = standing(expires_us=10 * DAY_US)
    assert reasons(settling(again, told=loud), touch(1, at_us=DAY_US)) == ["not_seen"]


def test_when_touchpoints_told_grows_both_ways() -> None:
    made = settling(standing(), standing(touchpoint=""), told={"a.b": Told(50, 60)})
    made.run([touch(1, kind="impression", at_us=40), touch(2, kind="impression", at_us=70),
              touch(3, 2, kind="impression", at_us=5, touchpoint="x.y")])  # fmt: skip
    assert made.told == {"a.b": Told(40, 70), "x.y": Told(5, 5)}
    assert made.wins[TRACE, 1].seen_us == 40


def test_slots_that_nobody_won_are_passed_over() -> None:
    assert reasons(settling(standing()), touch(1, 2), touch(2, 9, kind="impression")) == []


def test_clicks_on_what_is_not_billed_by_clicks_count_nowhere() -> None:
    made = settling(standing(billing="impression"))
    assert reasons(made, touch(1), touch(2, kind="impression")) == [BILLED]


@given(
    trace=st.text(alphabet="0123456789abcdefg", min_size=30, max_size=34) | st.none(),
    position=st.integers(-2, 2_000) | st.text() | st.booleans() | st.floats(),
    kind=st.sampled_from(["impression", "click", "store_arrived", "view"]),
)
def test_which_slot_an_event_is_about(trace: Any, position: Any, kind: str) -> None:
    event = Event("e", kind, 1, 0, 0, "a.b", (), decision=trace, props={"position": position})
    found = slot_of(event)
    good = trace is not None and len(trace) == 32 and "g" not in trace and kind != "view"
    good = good and type(position) is int and 1 <= position <= 1_000
    assert (found is not None) == good
    assert found is None or found == (bytes.fromhex(trace), position)


WIN = st.fixed_dictionaries({
    "campaign": st.sampled_from("ab"), "lease": st.integers(1, 3),
    "price_millifen": st.integers(1, 5_000), "person": st.sampled_from([None, 7, 8]),
    "billing": st.sampled_from(["click", "impression"]),
    "state": st.sampled_from([WinState.HELD, WinState.HELD, WinState.SETTLED, WinState.RELEASED]),
})  # fmt: skip
TOUCH = st.fixed_dictionaries({
    "position": st.integers(1, 6), "kind": st.sampled_from(["click", "impression"]),
    "at_us": st.integers(0, 90 * MINUTE_US), "person": st.sampled_from([7, 8, 9]),
})  # fmt: skip


@settings(max_examples=150)
@given(wins=st.lists(WIN, min_size=1, max_size=6), told=st.lists(TOUCH, max_size=25))
def test_money_ends_once_and_only_from_what_was_held(
    wins: list[dict[str, Any]], told: list[dict[str, Any]]
) -> None:
    made = settling(*(standing(**one) for one in wins), flagged=frozenset({9}))
    held = {
        number for number, one in enumerate(wins, 1) if one["state"] is WinState.HELD
    }  # fmt: skip
    touches = [touch(offset, **one) for offset, one in enumerate(told)]
    verdicts = made.run(touches)
    billed = Counter(one.touch.key[1] for one in verdicts if one.reason == BILLED)
    assert set(billed.values()) <= {1}
    assert billed.keys() <= held
    changed = {position for _, position in made.changed}
    assert changed <= held
    settled = {n for n in changed if made.wins[TRACE, n].state is WinState.SETTLED}
    assert settled == set(billed)
    assert sum(fen for *_, fen in made.settled) == sum(
        wins[n - 1]["price_millifen"] for n in settled
    )
    gone = changed - settled
    assert sum(fen for *_, fen in made.released) == sum(wins[n - 1]["price_millifen"] for n in gone)
    assert all(made.wins[TRACE, n].reason not in ("repeated", "over") for n in changed)
    for one in verdicts:
        win = wins[one.touch.key[1] - 1]
        assert one.touch.kind == win["billing"]
        assert one.reason != BILLED or one.touch.at_us < HOUR_US
        clicked = one.touch.kind == "click"
        assert not (one.reason == BILLED and clicked and one.touch.person == 9)
        assert not (
            one.reason == BILLED and clicked and win["person"] not in (None, one.touch.person)
        )
    clicks = Counter(
        (one.touch.person, one.campaign, one.touch.at_us // (HOUR_US // 2))
        for one in verdicts
        if one.reason == BILLED and one.touch.kind == "click"
    )
    assert max(clicks.values(), default=0) <= LIMITS.campaign_an_hour
