"""Money: requests that change something, the ledger, and what is given on top of it."""

from functools import cached_property

from quanyu.storage.postgres.requests import PostgresRequests
from quanyu.wiring.privacy import Privacy


class Money(Privacy):
    @cached_property
    def requests(self) -> PostgresRequests:
        return PostgresRequests()
