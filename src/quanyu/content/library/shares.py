"""How much of a piece informs or entertains, and how much sells: integers, computed from segments.

A piece whose segments all have seconds is counted in seconds, one without any in characters. Where
only some have them, characters are turned into time at the pace of spoken Mandarin, so that
nothing that is said escapes the count.
"""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec

from quanyu.compliance.policy import share_exceeds
from quanyu.content.piece import Segment
from quanyu.content.policy import WHOLE_PERMILLE

CHARACTERS_PER_SECOND = 4
"""240 characters a minute: an unhurried speaker. One unit of a mixed piece is a quarter second."""
Unit = Literal["seconds", "characters", "quarter_seconds"]


class Shares(msgspec.Struct, frozen=True):
    unit: Unit
    value: int
    marketing: int

    @property
    def whole(self) -> int:
        return self.value + self.marketing

    def within(self, limit_permille: int) -> bool:
        """Marketing is at most that much of the whole; exact, no division."""
        return not share_exceeds(self.marketing, self.whole, permille_max=limit_permille)

    @property
    def marketing_text(self) -> str:
        """``"30.1%"``, rounded away from the limit's side: 30.04 % reads 30.1 %."""
        tenths = -(-self.marketing * WHOLE_PERMILLE // self.whole) if self.whole else 0
        return f"{tenths // 10}.{tenths % 10}%"

    def as_json(self, limit_permille: int) -> dict[str, Any]:
        return {
            "unit": self.unit, "value": self.value, "marketing": self.marketing,
            "marketing_share": self.marketing_text, "limit_permille": limit_permille,
            "within": self.within(limit_permille),
        }  # fmt: skip


def shares_of(segments: Sequence[Segment]) -> Shares:
    unit = _unit(segments)
    value = sum(_size(one, unit) for one in segments if one.purpose == "value")
    return Shares(unit, value, sum(_size(one, unit) for one in segments) - value)


def _unit(segments: Sequence[Segment]) -> Unit:
    timed = sum(one.seconds is not None for one in segments)
    if timed == 0:
        return "characters"
    return "seconds" if timed == len(segments) else "quarter_seconds"


def _size(segment: Segment, unit: Unit) -> int:
    """Blanks and line ends are nothing that anybody reads."""
    if segment.seconds is not None:
        return segment.seconds * (CHARACTERS_PER_SECOND if unit == "quarter_seconds" else 1)
    return len("".join(segment.text.split()))
