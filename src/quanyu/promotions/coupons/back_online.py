"""What tills tell when they are back on the network."""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from typing import Any, Generic, TypeVar

import msgspec

from quanyu.clock import Clock
from quanyu.errors import BadInput
from quanyu.promotions.coupons.coupon import Outcome
from quanyu.promotions.coupons.devices import Devices
from quanyu.promotions.coupons.offline import Entry, TillRefusal, entry_of
from quanyu.promotions.coupons.passes import Keys
from quanyu.promotions.coupons.reconciling import claim_of, too_early
from quanyu.promotions.coupons.refusals import Refused
from quanyu.promotions.coupons.service import CouponService

Tx = TypeVar("Tx")
ENTRIES_MAX = 500


class Told(msgspec.Struct, frozen=True):
    """What became of one entry."""

    sequence: int
    outcome: Outcome

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = {"sequence": self.sequence, "outcome": self.name}
        if isinstance(self.outcome, Refused):
            return {**told, "reason": str(self.outcome.reason)}
        told |= {"coupon": self.outcome.coupon.id, "offer": self.outcome.coupon.offer}
        lost = self.outcome.lost
        if lost is None:
            return {**told, "discount": self.outcome.discount_fen}
        bearers = {"funder": lost.funder_fen, "store": lost.store_fen}
        return {**told, "reason": lost.reason, **bearers}

    @property
    def name(self) -> str:
        if isinstance(self.outcome, Refused):
            return "rejected"
        return "redeemed" if self.outcome.lost is None else "conflict"


class Reconciling(Generic[Tx]):
    def __init__(
        self, coupons: CouponService, devices: Devices[Tx], *, keys: Keys, clock: Clock
    ) -> None:
        self._coupons = coupons
        self._devices = devices
        self._keys = keys
        self._clock = clock

    def reconcile(
        self,
        merchant: str,
        entries: Sequence[Entry],
        *,
        told: Callable[[int], None] = lambda done: None,
    ) -> list[Told]:
        """In the order of the journal. Each entry takes effect once under (device, sequence), so a
        batch that broke off is sent again as a whole."""
        stores: dict[str, str | None] = {}
        sent = [self._sent(merchant, entry, stores=stores) for entry in entries]
        outcomes = []
        for number, (entry, one) in enumerate(zip(entries, sent, strict=True), 1):
            outcome = one if isinstance(one, Refused) else one.result()
            outcomes.append(Told(entry.sequence, outcome))
            told(number)
        return outcomes

    def _sent(
        self, merchant: str, entry: Entry, *, stores: dict[str, str | None]
    ) -> "Future[Outcome] | Refused":
        early = too_early(entry, self._clock.now_us())
        if early is not None:
            return early
        if entry.device not in stores:
            device = self._devices.find(merchant, entry.device)
            stores[entry.device] = None if device is None else device.store
        store = stores[entry.device]
        if store is None:
            return Refused(TillRefusal.UNKNOWN_DEVICE)
        command = claim_of(merchant, entry, store=store, keys=self._keys)
        return command if isinstance(command, Refused) else self._coupons.send(command)


def read_entries(documents: Sequence[Any]) -> list[Entry]:
    """Raises BadInput that names the entry and the field."""
    if not 1 <= len(documents) <= ENTRIES_MAX:
        raise BadInput("entries", f"send 1 to {ENTRIES_MAX} at a time")
    return [_read(document, number) for number, document in enumerate(documents)]


def _read(document: Any, number: int) -> Entry:
    try:
        return entry_of(document)
    except msgspec.DecodeError as error:
        what, _, place = str(error).partition(" - at `$")
        raise BadInput(f"entries[{number}]{place.rstrip('`')}", what) from None
