"""What every decision stands on: immutable, and replaced as a whole when something changed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import msgspec

from quanyu.decisions.advertising.index import AdIndex
from quanyu.decisions.asking import Ask
from quanyu.decisions.guards.viewer import Viewer
from quanyu.decisions.rank.habits import Habits
from quanyu.decisions.rank.scored import Ranker
from quanyu.decisions.rank.shelf import Shelf
from quanyu.decisions.recall.index import RecallIndex
from quanyu.decisions.recall.words import Words
from quanyu.touchpoints.ecosystem import Ecosystem
from quanyu.touchpoints.touchpoint import Touchpoint


class OfferShown(msgspec.Struct, frozen=True, kw_only=True):
    """An offer that anybody may claim now; the gate has let its words through."""

    id: str
    title: str
    shop: str | None = None
    """None: of the platform."""
    items: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    """What it is for; neither: everything of the shop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    ecosystem: Ecosystem
    index: RecallIndex
    words: Words
    shelf: Shelf
    habits: Habits
    ranker: Ranker
    ranker_name: str
    ads: AdIndex
    offers: tuple[OfferShown, ...] = ()
    multipliers: Mapping[str, float] = field(default_factory=dict)
    """Campaign → what its pacer makes of a bid; 1 where it has none yet."""
    missing: tuple[str, ...] = ()
    """Parts that could not be made."""
    stamp: tuple[int, int] = (0, 0)
    """How often what is shown, and campaigns, had changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question whose touchpoint is known and whose viewer has been looked up."""

    ask: Ask
    touchpoint: Touchpoint
    trace: bytes
    at_us: int
    viewer: Viewer
    ordered: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def slots(self) -> int:
        most = self.touchpoint.slots
        return most if self.ask.slots is None else min(most, self.ask.slots)


Hold = Callable[[str, int], int | None]
"""(Campaign, millifen) → the lease that it is held of; None: no money today."""
