"""What is held of people in full: the copy that they get, and how long it is kept."""

from functools import cached_property

import psycopg

from quanyu.clock import DAY_US
from quanyu.content.shows.hosts import HostDesk
from quanyu.customers.privacy.copies import Copies
from quanyu.customers.privacy.terms import Keeping
from quanyu.storage.postgres.copies import PostgresBelongings
from quanyu.storage.postgres.hosts_past_term import HostsPastTerm
from quanyu.storage.postgres.minors import MinorsAccount
from quanyu.storage.postgres.retention import EventsPastTerm, Retention
from quanyu.storage.postgres.shows import PostgresShows
from quanyu.wiring.privacy import Privacy


class Custody(Privacy):
    @cached_property
    def copies(self) -> Copies:
        return Copies(
            self.profiles,
            PostgresBelongings(self.database, self.memberships),
            tokeniser_of=self.tokeniser,
        )

    @cached_property
    def minors(self) -> MinorsAccount:
        return MinorsAccount(self.database, self.memberships, clock=self.clock)

    @cached_property
    def retention(self) -> Retention:
        events = EventsPastTerm(self.database, self.log, projection=self.profile_projection)
        steps = {"log": events.in_log, "lake": self._past_in_lake, "history": events.in_history}
        steps["hosts"] = HostsPastTerm(self.database)
        return Retention(self.database, self.clock, terms=self.terms, steps=steps)

    def _past_in_lake(self, keeping: Keeping) -> int:
        removed = self.lake_rewriter.remove_past(keeping)
        self.lake_replay.forget()
        return removed

    @cached_property
    def show_hosts(self) -> HostDesk[psycopg.Connection]:
        days = self.terms["live"].days or 0
        return HostDesk(self.database, PostgresShows(), clock=self.clock, kept_us=days * DAY_US)
