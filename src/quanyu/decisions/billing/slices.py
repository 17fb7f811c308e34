"""The slices that one worker spends from without asking anybody. In memory; one per process, used
by the one thread that writes."""

from dataclasses import dataclass
from typing import Protocol

from quanyu.clock import SECOND_US
from quanyu.decisions.billing.win import MILLI, Lease

REMEMBERED_US = 5 * SECOND_US
"""So long nobody asks again for a campaign that had no money."""
Key = tuple[str, str]
"""(Merchant, campaign)."""


class Opener(Protocol):
    """What is used of the port ``Leases``."""

    def open(self, merchant: str, campaign: str, *, at_us: int) -> Lease | None: ...


@dataclass(slots=True)
class Slice:
    lease: Lease
    left_millifen: int


class Slices:
    """Between ``begin`` and ``commit`` or ``rollback``, as the transaction that keeps the wins.
    What is left of a slice that is over is forgotten: the release chore gives it back."""

    def __init__(self, leases: Opener) -> None:
        self._leases = leases
        self._open: dict[Key, Slice] = {}
        self._refused: dict[Key, int] = {}
        self._held: list[tuple[Key, Slice, int]] | None = None

    def begin(self) -> None:
        assert self._held is None, "one transaction at a time"
        self._held = []

    def hold(self, merchant: str, campaign: str, *, price_millifen: int, at_us: int) -> int | None:
        """The number of the lease out of which the price is held; None: no money now. It may open
        a lease, in a transaction of its own: not inside another one."""
        assert self._held is not None, "begin first"
        assert price_millifen > 0
        key = merchant, campaign
        slice = self._with(key, price_millifen, at_us=at_us)
        if slice is None:
            return None
        slice.left_millifen -= price_millifen
        self._held.append((key, slice, price_millifen))
        return slice.lease.number

    def commit(self) -> None:
        assert self._held is not None, "begin first"
        self._held = None

    def rollback(self, *, unknown: bool = False) -> None:
        """The prices go back to their slices. ``unknown``: nobody knows whether the wins were kept
        (the connection broke at the commit), so the slices are not used again."""
        assert self._held is not None, "begin first"
        for key, slice, price_millifen in self._held:
            slice.left_millifen += price_millifen
            if unknown and self._open.get(key) is slice:
                del self._open[key]
        self._held = None

    def _with(self, key: Key, price_millifen: int, *, at_us: int) -> Slice | None:
        slice = self._open.get(key)
        if slice is not None and slice.lease.ends_us <= at_us:
            del self._open[key]
            slice = None
        if slice is None or slice.left_millifen < price_millifen:
            slice = self._opened(key, price_millifen, at_us=at_us)
        return slice

    def _opened(self, key: Key, price_millifen: int, *, at_us: int) -> Slice | None:
        if self._refused.get(key, at_us) > at_us:
            return None
        lease = self._leases.open(*key, at_us=at_us)
        slice = None if lease is None else Slice(lease, lease.amount_fen * MILLI)
        if slice is None or slice.left_millifen < price_millifen:
            self._refused[key] = at_us + REMEMBERED_US
        else:
            self._refused.pop(key, None)
        return self._kept(key, slice, price_millifen=price_millifen)

    def _kept(self, key: Key, slice: Slice | None, *, price_millifen: int) -> Slice | None:
        """The fuller of two slices stays open for cheaper ads."""
        if slice is None:
            return None
        before = self._open.get(key)
        if before is None or before.left_millifen < slice.left_millifen:
            self._open[key] = slice
        return slice if slice.left_millifen >= price_millifen else None
