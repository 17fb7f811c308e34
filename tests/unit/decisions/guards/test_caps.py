"""One memory of ads over all touchpoints: what still may be shown to this person."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quanyu.clock import HOUR_US
from quanyu.decisions.guards.caps import Capped, Contact, Memory
from quanyu.touchpoints.touchpoint import Cap, CapOn

NOW_US = 1_000 * HOUR_US
SCOPES: tuple[CapOn, ...] = ("creative", "campaign", "advertiser", "category", "all")


def contact(hours_ago: float = 0, **change: Any) -> Contact:
    said = {
        "at_us": NOW_US - int(hours_ago * HOUR_US), "touchpoint": "mall.home", "campaign": "c1",
        "creative": "a", "advertiser": "茶馆", "category": "茶叶",
    }  # fmt: skip
    return Contact(**{**said, **change})


def memory(caps: list[Cap], *contacts: Contact, own: list[Cap] | None = None) -> Memory:
    return Memory(caps, own or [], touchpoint="mall.home", contacts=contacts, now_us=NOW_US)


OTHERS: dict[CapOn, dict[str, str]] = {
    "creative": {"creative": "b"},
    "campaign": {"campaign": "c2"},
    "advertiser": {"advertiser": "面馆"},
    "category": {"category": "面条"},
}


@pytest.mark.parametrize("scope", OTHERS)
def test_a_cap_counts_its_own_and_nothing_else(scope: CapOn) -> None:
    cap = Cap(on=scope, most=2, hours=24)
    seen = memory([cap], contact(3), contact(5))
    assert seen.against(contact()) == Capped(cap, 2, "")
    assert seen.against(contact(**OTHERS[scope])) is None


def test_two_campaigns_may_call_a_creative_the_same() -> None:
    cap = Cap(on="creative", most=1, hours=24)
    assert memory([cap], contact(1)).against(contact(campaign="c2")) is None


def test_all_ads_count_together() -> None:
    cap = Cap(on="all", most=2, hours=24)
    seen = memory([cap], contact(1), contact(2, campaign="c2", advertiser="x", category="y"))
    assert seen.against(contact(campaign="c3", advertiser="z", category="w")) is not None


@pytest.mark.parametrize(("hours_ago", "counts"), [(23.99, True), (24, False), (25, False)])
def test_the_window_ends_to_the_microsecond(hours_ago: float, counts: bool) -> None:
    seen = memory([Cap(on="all", most=1, hours=24)], contact(hours_ago))
    assert (seen.against(contact()) is not None) == counts


def test_a_cap_of_the_ecosystem_counts_what_was_seen_elsewhere() -> None:
    cap = Cap(on="campaign", most=1, hours=24)
    elsewhere = contact(1, touchpoint="video.pause")
    assert memory([cap], elsewhere).against(contact()) is not None
    assert memory([], elsewhere, own=[cap]).against(contact()) is None
    assert memory([], contact(1), own=[cap]).against(contact()) == Capped(cap, 1, "mall.home")


def test_two_ads_of_one_page_count_both() -> None:
    seen = memory([Cap(on="advertiser", most=2, hours=1)])
    for creative in ("a", "b"):
        assert seen.against(contact(creative=creative)) is None
        seen.add(contact(creative=creative))
    assert seen.against(contact(creative="c")) is not None


contacts = st.builds(
    contact,
    st.floats(0, 60),
    touchpoint=st.sampled_from(["mall.home", "video.pause"]),
    campaign=st.sampled_from(["c1", "c2"]),
    creative=st.sampled_from(["a", "b"]),
)
caps = st.builds(
    Cap, on=st.sampled_from(SCOPES), most=st.integers(1, 4), hours=st.sampled_from([1, 24, 48])
)


@given(st.lists(caps, max_size=4), st.lists(contacts, max_size=20))
def test_what_is_let_through_never_breaks_a_cap(wanted: list[Cap], offered: list[Contact]) -> None:
    """Shown one after the other, oldest first; then counted by hand."""
    shown: list[Contact] = []
    for one in sorted(offered, key=lambda contact: contact.at_us):
        seen = Memory(
            wanted, [], touchpoint=one.touchpoint, contacts=shown, now_us=one.at_us
        )  # fmt: skip
        if seen.against(one) is None:
            shown.append(one)
    for cap in wanted:
        for last in shown:
            inside = Counter(
                one.on(cap.on) for one in shown if 0 <= last.at_us - one.at_us < cap.hours * HOUR_US
            )
            assert max(inside.values()) <= cap.most
