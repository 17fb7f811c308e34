"""Where leases are kept. Engines live in ``storage``."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol, TypeVar

from quanyu.decisions.billing.booking import Over
from quanyu.decisions.billing.win import Lease

In = TypeVar("In", contravariant=True)


class DaySums(NamedTuple):
    """Of one day of a campaign."""

    earned_fen: int
    out_fen: int
    """In open leases, and not earned."""


class Unswept(NamedTuple):
    merchant: str
    campaign: str
    days: Sequence[int]
    """That are over and have no open lease."""


class LeaseStore(Protocol[In]):
    def sums(self, tx: In, merchant: str, *, campaign: str, day: int) -> DaySums: ...

    def add(self, tx: In, merchant: str, *, lease: Lease, day: int, at_us: int) -> Lease:
        """With its number."""

    def left_fen(self, tx: In, merchant: str, *, day: int) -> Mapping[str, int]:
        """Campaign → what its day was given less what was won, of days that have been opened."""

    def release(self, tx: In, *, now_us: int, limit: int) -> int:
        """Held wins whose time is over are released; returns how many. Nobody settles until
        commit."""

    def over(self, tx: In, *, ended_us: int, limit: int) -> Sequence[Over]:
        """Open leases that ended by then, all of whose wins have ended. Nobody settles until
        commit."""

    def close(self, tx: In, leases: Sequence[int], *, now_us: int) -> None: ...

    def unswept(self, tx: In, *, today: int, limit: int) -> Sequence[Unswept]: ...

    def swept(self, tx: In, of: Unswept, *, now_us: int) -> None: ...
