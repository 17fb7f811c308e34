"""Instalments: the desk of plans, and what terms cost."""

from collections.abc import Mapping
from functools import cached_property

import psycopg

from quanyu.promotions.instalments.service import Instalments
from quanyu.promotions.pricing.instalments import DEFAULT_RATES, Terms
from quanyu.storage.postgres.instalments import PostgresAgreements
from quanyu.wiring.tills import Tills


class Lending(Tills):
    @cached_property
    def instalments(self) -> Instalments[psycopg.Connection]:
        return Instalments(self.money_desk, PostgresAgreements())

    @property
    def instalment_rates(self) -> Mapping[Terms, int]:
        """Basis points by number of terms."""
        given = self.settings.instalment_rates
        return DEFAULT_RATES if given is None else given
