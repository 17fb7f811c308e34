"""The gate, and what a merchant has on record for it."""

from functools import cached_property

import psycopg

from quanyu.compliance.doorkeeper import Doorkeeper
from quanyu.compliance.gate import LawGate
from quanyu.compliance.prices.service import Prices
from quanyu.compliance.showing import Showing
from quanyu.compliance.verdict import Verdict
from quanyu.merchants.papers.records import Papers
from quanyu.storage.evidence_files import EvidenceDirectory
from quanyu.storage.postgres.papers import PostgresPapers
from quanyu.storage.postgres.prices import PostgresTrades
from quanyu.storage.postgres.reviews import PostgresReviews
from quanyu.wiring.ground import Ground


class Law(Ground):
    @cached_property
    def papers(self) -> Papers[psycopg.Connection]:
        files = EvidenceDirectory(self.settings.evidence_dir)
        return Papers(self.database, PostgresPapers(), files=files, clock=self.clock)

    @cached_property
    def reviews(self) -> PostgresReviews:
        return PostgresReviews(self.database, self.clock)

    @cached_property
    def prices(self) -> Prices[psycopg.Connection]:
        known = PostgresTrades()
        return Prices(self.database.transaction, known, known, self.settings.policy)

    def price_verdict(self, showing: Showing) -> Verdict:
        """Against what was paid before, as of its day."""
        return self.prices.review_showing(showing, now_us=self.clock.now_us())

    @cached_property
    def gate(self) -> LawGate:
        """Everything that is shown to somebody passes it."""
        return LawGate(self.papers, self.reviews, prices=self.price_verdict)

    @cached_property
    def door(self) -> Doorkeeper:
        return Doorkeeper(self.gate, self.clock)
