"""Who may be shown ads: a table."""

import pytest
from tests.unit.decisions.touchpoints import touchpoint

from quanyu.decisions.guards.viewer import STRANGER, NoAds, Plain, Viewer, no_ads

PAUSE = {"members_see_no_ads": True, "membership": "member:video"}
CASES = [
    ({}, STRANGER, None),
    ({}, Viewer(plain=None), None),
    ({}, Viewer(plain=Plain.OFF_SWITCH), None),
    ({}, Viewer(plain=Plain.MINOR), NoAds.MINOR),
    ({"kinds": ["item"]}, STRANGER, NoAds.NOT_SOLD),
    (PAUSE, Viewer(plain=None, memberships=frozenset({"member:video"})), NoAds.MEMBER),
    (PAUSE, Viewer(plain=Plain.OFF_SWITCH, memberships=frozenset({"member:video"})), NoAds.MEMBER),
    (PAUSE, Viewer(plain=None, memberships=frozenset({"member:shop"})), None),
    ({}, Viewer(plain=None, memberships=frozenset({"member:video"})), None),
]


@pytest.mark.parametrize(("place", "viewer", "why"), CASES)
def test_who_is_spared(place: dict[str, object], viewer: Viewer, why: NoAds | None) -> None:
    assert no_ads(touchpoint(**place), viewer) is why


def test_only_who_is_personalised_is_remembered() -> None:
    assert Viewer(plain=None).personalised
    assert not any(Viewer(plain=one).personalised for one in Plain)
