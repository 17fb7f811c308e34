"""Retention of who spoke in live shows."""

import msgspec

from quanyu.content.shows.hosts import known_hosts, without
from quanyu.customers.privacy.terms import Keeping
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.shows import PostgresShows

PAGE = 100


class HostsPastTerm:
    """Names and ages of hosts, once no archive of a live show has to be kept for them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._shows = PostgresShows()

    def __call__(self, keeping: Keeping) -> int:
        total = 0
        while True:
            with self._database.transaction() as conn:
                page = self._shows.past_term(
                    conn, cutoff_us=keeping.cutoff_us("live"), now_us=keeping.now_us, limit=PAGE
                )
                for merchant, standing in page:
                    show = without(standing.show, known_hosts(standing.show))
                    nameless = msgspec.structs.replace(standing, show=show)
                    self._shows.put(conn, merchant, standing=nameless)
            total += len(page)
            if len(page) < PAGE:
                return total
