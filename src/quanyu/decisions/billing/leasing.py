"""Leases are opened: a slice of the day goes out to one worker, in a transaction of its own."""

from collections.abc import Mapping
from typing import Generic, TypeVar

from quanyu.clock import day_number
from quanyu.decisions.billing.booking import Booking
from quanyu.decisions.billing.ports import LeaseStore
from quanyu.decisions.billing.sizing import Sizing, ends_us
from quanyu.decisions.billing.win import Lease
from quanyu.decisions.campaigns.moving import Moving
from quanyu.decisions.campaigns.ports import CampaignStore
from quanyu.decisions.campaigns.record import Standing
from quanyu.decisions.campaigns.states import CampaignState
from quanyu.events.once import TRIES, Raced, Transactions

Tx = TypeVar("Tx")


class Leasing(Generic[Tx]):
    """The port ``Leases``. Workers take turns at a campaign."""

    def __init__(
        self, transactions: Transactions[Tx], store: LeaseStore[Tx], *, booking: Booking[Tx],
        campaigns: tuple[Moving[Tx], CampaignStore[Tx]], sizing: Sizing = Sizing(),
    ) -> None:  # fmt: skip
        self._transactions = transactions
        self._store = store
        self._booking = booking
        self._days, self._campaigns = campaigns
        self._sizing = sizing

    def open(self, merchant: str, campaign: str, *, at_us: int) -> Lease | None:
        """None also where so many workers ask that it did not get its turn. Raises NotFound for a
        campaign that does not exist."""
        for _ in range(TRIES):
            try:
                return self._opened(merchant, campaign, at_us=at_us)
            except Raced:
                continue
        return None

    def left_fen(self, merchant: str, *, day: int) -> Mapping[str, int]:
        """What is held counts as gone until it is released."""
        with self._transactions.transaction() as tx:
            return self._store.left_fen(tx, merchant, day=day)

    def _opened(self, merchant: str, campaign: str, *, at_us: int) -> Lease | None:
        day = day_number(at_us)
        with self._transactions.transaction() as tx:
            if not self._days.open_day(tx, merchant, campaign=campaign, day=day):
                return None
        with self._transactions.transaction() as tx:
            self._campaigns.take_turn(tx, merchant, campaign=campaign)
            found = self._campaigns.find(tx, merchant, campaign=campaign)
            if found is None or found.state is not CampaignState.RUNNING:
                return None
            fen = self._fen(tx, merchant, found=found, day=day)
            if not fen:
                return None
            asked = Lease(number=0, campaign=campaign, amount_fen=fen, ends_us=ends_us(at_us))
            lease = self._store.add(tx, merchant, lease=asked, day=day, at_us=at_us)
            self._booking.lease(tx, merchant, campaign=campaign, day=day, fen=fen)
            return lease

    def _fen(self, tx: Tx, merchant: str, *, found: Standing, day: int) -> int:
        given = self._campaigns.days(tx, merchant, campaign=found.id)
        sums = self._store.sums(tx, merchant, campaign=found.id, day=day)
        version = self._campaigns.version(tx, merchant, campaign=found.id, number=found.in_force)
        return self._sizing.fen(
            given_fen=given[day], settled_fen=sums.earned_fen, leased_fen=sums.out_fen,
            bid=version.campaign.bid,
        )  # fmt: skip
