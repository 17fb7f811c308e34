"""What may be switched on at this installation, and how long things are kept."""

from collections.abc import Mapping
from functools import cached_property

import psycopg

from quanyu.customers.privacy import assessments
from quanyu.customers.privacy.terms import Term, terms_of
from quanyu.storage.postgres.assessments import PostgresAssessments
from quanyu.wiring.accounts import Accounts


class Lawful(Accounts):
    @cached_property
    def assessments(self) -> assessments.Desk[psycopg.Connection]:
        return assessments.Desk(self.database, PostgresAssessments(), clock=self.clock)

    @cached_property
    def terms(self) -> Mapping[str, Term]:
        """The shipped terms with the days in DATA_DIR/retention.toml."""
        return terms_of(self.settings.data_dir / "retention.toml")
