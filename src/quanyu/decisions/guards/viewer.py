"""Who is looking, as far as it may matter: what may be used, and whether ads may be shown at all.

Permission decides what ranking is given to read; it never is something that ranking reads.
"""

from dataclasses import dataclass
from enum import StrEnum

from quanyu.decisions.guards.caps import Contact
from quanyu.decisions.taste import NOBODY, Taste
from quanyu.touchpoints.touchpoint import Touchpoint


class Plain(StrEnum):
    """Why the answer is the one that everybody gets."""

    ANONYMOUS = "anonymous"
    OFF_SWITCH = "off_switch"
    MINOR = "minor"
    NOT_ASSESSED = "not_assessed"
    ERASING = "being_erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    plain: Plain | None
    """None: personalised."""
    taste: Taste = NOBODY
    nodes: tuple[int, ...] = ()
    """Of the person; empty where nothing is personalised: then nothing is kept of the answer."""
    contacts: tuple[Contact, ...] = ()
    """Nobody's where nothing is personalised: a memory of what was shown is a profile too."""
    memberships: frozenset[str] = frozenset()
    """Conditions of eligibility that are met: ``member:youku``. What was paid for is owed to
    everybody who paid."""
    audiences: frozenset[str] = frozenset()

    @property
    def personalised(self) -> bool:
        return self.plain is None


STRANGER = Viewer(plain=Plain.ANONYMOUS)


class NoAds(StrEnum):
    """Why nobody may advertise here, now, to this person."""

    NOT_SOLD = "not_sold"
    MINOR = "minor"
    """《未成年人网络保护条例》 24(3); 《广告法》 40."""
    MEMBER = "paying_member"
    DEVICE = "device_without_consent"
    """《互联网广告管理办法》 17: vehicles, navigation devices, appliances."""


def no_ads(touchpoint: Touchpoint, viewer: Viewer) -> NoAds | None:
    if "ad" not in touchpoint.kinds:
        return NoAds.NOT_SOLD
    if viewer.plain is Plain.MINOR:
        return NoAds.MINOR
    if touchpoint.members_see_no_ads and touchpoint.membership in viewer.memberships:
        return NoAds.MEMBER
    return None
