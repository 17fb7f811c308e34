"""The chore ``ads.release``: what nobody billed in time is released, leases that are over give back
what they did not earn, and days that are over give back to the whole."""

from typing import TypeVar

from quanyu.clock import MINUTE_US, day_number
from quanyu.decisions.billing.booking import Booking
from quanyu.decisions.billing.ports import LeaseStore, Unswept
from quanyu.decisions.campaigns.desk import Desk
from quanyu.decisions.campaigns.grounds import Grounds
from quanyu.decisions.campaigns.money import Purses
from quanyu.decisions.campaigns.ports import CampaignStore
from quanyu.events.once import Once, Raced

Tx = TypeVar("Tx")
WINS, LEASES, CAMPAIGNS = 20_000, 500, 100
"""At most so many in a run."""
IN_FLIGHT_US = MINUTE_US
"""A decision may commit its wins so long after their lease is over."""


class Closing(Desk[Tx]):
    def __init__(
        self, once: Once[Tx], stores: tuple[CampaignStore[Tx], LeaseStore[Tx]], *,
        purses: Purses[Tx], grounds: Grounds, booking: Booking[Tx],
    ) -> None:  # fmt: skip
        super().__init__(once, stores[0], purses=purses, grounds=grounds)
        self._leases = stores[1]
        self._booking = booking

    def run(self) -> int:
        """Returns how many wins, leases and campaigns' days have ended."""
        now_us = self._clock.now_us()
        with self._once.transactions.transaction() as tx:
            released = self._leases.release(tx, now_us=now_us, limit=WINS)
        closed = self._close(now_us)
        with self._once.transactions.transaction() as tx:
            found = self._leases.unswept(tx, today=day_number(now_us), limit=CAMPAIGNS)
        return released + closed + sum(self._sweep(now_us, one) for one in found)

    def _close(self, now_us: int) -> int:
        with self._once.transactions.transaction() as tx:
            over = self._leases.over(tx, ended_us=now_us - IN_FLIGHT_US, limit=LEASES)
            closed = self._booking.give_back(tx, over)
            self._leases.close(tx, closed, now_us=now_us)
        return len(closed)

    def _sweep(self, now_us: int, of: Unswept) -> bool:
        try:
            with self._once.transactions.transaction() as tx:
                found = self._taken(tx, of.merchant, campaign=of.campaign)
                plan = self._plan(tx, of.merchant, standing=found, code="campaign.sweep")
                plan.sweep_days(but=day_number(now_us))
                after = self._carried_out(tx, plan)
                self._store.keep(tx, of.merchant, before=found, after=after)
                self._leases.swept(tx, of, now_us=now_us)
                self._purses.carry_out(tx, plan)
        except Raced:
            return False
        return True
