"""Campaigns as they are read: by people, by an index, and by who looks at them again."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

from quanyu.compliance.doorkeeper import Page
from quanyu.decisions.campaigns.campaign import Campaign
from quanyu.decisions.campaigns.desk import Desk
from quanyu.decisions.campaigns.record import Change, Money, Purse, Standing, Version
from quanyu.decisions.campaigns.states import CampaignState

Tx = TypeVar("Tx")


class Reading(Desk[Tx]):
    def find(self, merchant: str, campaign: str) -> Standing:
        """Raises NotFound."""
        with self._once.transactions.transaction() as tx:
            return self._standing(tx, merchant, campaign=campaign)

    def versions(self, merchant: str, campaign: str) -> Sequence[Version]:
        """Oldest first. Raises NotFound."""
        with self._once.transactions.transaction() as tx:
            self._standing(tx, merchant, campaign=campaign)
            return self._store.versions(tx, merchant, campaign=campaign)

    def money(self, merchant: str, campaign: str) -> tuple[Money, Purse]:
        """Where its money is, and what its advertiser has besides. Raises NotFound."""
        with self._once.transactions.transaction() as tx:
            found = self._standing(tx, merchant, campaign=campaign)
            purse = self._purses.purse(tx, merchant, advertiser=found.advertiser)
            return self._plan(tx, merchant, standing=found, code="").money, purse

    def purse(self, merchant: str, advertiser: str) -> Purse:
        with self._once.transactions.transaction() as tx:
            return self._purses.purse(tx, merchant, advertiser=advertiser)

    def listed(
        self, merchant: str, *, state: CampaignState | None = None, after: str = ""
    ) -> Sequence[Standing]:
        """By id; the next page is behind the last id."""
        with self._once.transactions.transaction() as tx:
            return self._store.listed(tx, merchant, state=state, after=after)

    def history(self, merchant: str, campaign: str) -> Sequence[Change]:
        """Oldest first. Raises NotFound."""
        with self._once.transactions.transaction() as tx:
            self._standing(tx, merchant, campaign=campaign)
            return self._store.history(tx, merchant, campaign=campaign)

    def running(self, merchant: str, at_us: int) -> Iterator[tuple[int, Campaign]]:
        """(Version, campaign with its budget of now) of what may be shown at that time, by id, for
        the index. Hours and weekdays come and go without a change: ask
        ``campaign.schedule.holds`` at each moment."""
        with self._once.transactions.transaction() as tx:
            yield from self._store.running(tx, merchant, at_us=at_us)

    def revision(self, merchant: str) -> int:
        """Another number whenever what may be shown has changed."""
        with self._once.transactions.transaction() as tx:
            return self._store.revision(tx, merchant)

    def shown(self, merchant: str) -> Iterator[Page]:
        """What is in force, withheld or not, for who looks at it again."""
        with self._once.transactions.transaction() as tx:
            found = list(self._store.unended(tx, merchant))
        for one in found:
            yield self._grounds.page(merchant, one)
