"""The gate, what a merchant has on record for it, and the catalogue that passes it."""

from functools import cached_property

import psycopg

from quanyu.compliance.doorkeeper import Doorkeeper
from quanyu.compliance.gate import LawGate
from quanyu.compliance.verdict import Verdict
from quanyu.merchants.listings.catalogue import Catalogue
from quanyu.merchants.papers.records import Papers
from quanyu.merchants.papers.reminding import Reminders
from quanyu.storage.evidence_files import EvidenceDirectory
from quanyu.storage.postgres.listings import PostgresListings
from quanyu.storage.postgres.papers import PostgresPapers
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
    def gate(self) -> LawGate:
        """Everything that is shown to somebody passes it."""
        return LawGate(self.papers, self.reviews, prices=lambda showing: Verdict())

    @cached_property
    def door(self) -> Doorkeeper:
        return Doorkeeper(self.gate, self.clock)

    @cached_property
    def listings(self) -> Catalogue[psycopg.Connection]:
        return Catalogue(self.database, PostgresListings(), door=self.door, clock=self.clock)

    @cached_property
    def reminders(self) -> Reminders[psycopg.Connection]:
        return Reminders(self.papers)
