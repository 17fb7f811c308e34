"""From when a new item can be bought, and by whom earlier: the rule, without a store."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import HOUR_US, parse_iso
from quanyu.errors import BadInput, Refused
from quanyu.promotions.releases.release import Release, decode_releases, not_yet, release_of

NOON = parse_iso("2026-06-18T12:00:00+08:00")
EARLY = NOON - 2 * HOUR_US
SAID: dict[str, Any] = {
    "id": "serum-2",
    "item": "serum",
    "from": "2026-06-18T12:00:00+08:00",
    "early_from": "2026-06-18T10:00:00+08:00",
    "early_for": "member:gold",
}
TIMES = st.integers(min_value=EARLY - HOUR_US, max_value=NOON + HOUR_US)


def release(**change: Any) -> Release:
    said = {name: value for name, value in (SAID | change).items() if value is not None}
    return release_of(said)


@pytest.mark.parametrize(
    ("names", "at_us", "reason", "opens_us"),
    [
        ({"member:gold"}, EARLY - 1, "not_released_yet", EARLY),
        ({"member:gold"}, EARLY, None, None),
        ({"member:gold"}, NOON, None, None),
        ({"member"}, EARLY - 1, "not_released_yet", NOON),
        ({"member"}, EARLY, "members_first", NOON),
        (set(), NOON - 1, "members_first", NOON),
        (set(), NOON, None, None),
    ],
)
def test_who_may_buy_when(
    names: set[str], at_us: int, reason: str | None, opens_us: int | None
) -> None:
    refusal = release().refusal(names, now_us=at_us)
    assert refusal == (Refused(reason, at_us, opens_us) if reason else None)


@given(TIMES)
def test_without_an_early_time_all_are_equal(at_us: int) -> None:
    plain = release(early_from=None, early_for=None)
    refusal = plain.refusal({"member:gold"}, now_us=at_us)
    assert refusal == plain.refusal(set(), now_us=at_us)
    assert (refusal is None) == (at_us >= NOON)
    assert refusal is None or refusal.reason == "not_released_yet"


@given(TIMES, st.booleans())
def test_early_is_never_later(at_us: int, gold: bool) -> None:
    """Who may buy keeps the right, and the early ones have it first."""
    names = {"member:gold"} if gold else set()
    one = release()
    if one.refusal(names, now_us=at_us) is None:
        assert one.refusal(names, now_us=at_us + 1) is None
        assert one.refusal({"member:gold"}, now_us=at_us) is None


def test_a_cart_waits_for_its_last_item() -> None:
    later = release(id="later", **{"from": "2026-06-18T13:00:00+08:00"})
    found = not_yet([later, release()], set(), now_us=EARLY - 1)
    assert found == Refused("not_released_yet", EARLY - 1, NOON + HOUR_US)
    assert not_yet([], set(), now_us=0) is None
    assert not_yet([release(), later], {"member:gold"}, now_us=EARLY) is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"item": None}, "item"),
        ({"category": "美妆"}, "item"),
        ({"early_for": None}, "early_for"),
        ({"early_from": None}, "early_for"),
        ({"early_from": "2026-06-18T12:00:00+08:00"}, "early_from"),
        ({"from": "2026-06-18"}, "from"),
        ({"from": None}, "from"),
        ({"item": ""}, "item"),
        ({"item": "\0"}, "id"),
        ({"id": "x" * 129}, "id"),
        ({"until": "2026-06-18T12:00:00+08:00"}, "until"),
    ],
)
def test_what_cannot_be_a_release(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as said:
        release(**change)
    assert said.value.field == f"release.{field}"


def test_an_array_names_the_place_of_the_fault() -> None:
    assert [one.id for one in decode_releases(json.dumps([SAID]))] == ["serum-2"]
    with pytest.raises(BadInput) as said:
        decode_releases(json.dumps([SAID, SAID | {"early_for": ""}]))
    assert said.value.field == "releases[1].early_for"
    with pytest.raises(BadInput):
        decode_releases(b"{}")
