"""Consent and erasure: what the off switch acts on, and what forgetting somebody reaches."""

from collections.abc import Collection, Sequence
from functools import cached_property

import psycopg

from quanyu.customers.privacy.sending import SendDesk
from quanyu.customers.privacy.service import PrivacyService
from quanyu.customers.profile.correcting import Correcting
from quanyu.storage.postgres import benefits_erasure, consent, erasure, standings
from quanyu.storage.postgres.coupons.erasing import forget_coupons
from quanyu.storage.postgres.decisions.forgetting import erase_viewers
from quanyu.storage.postgres.identity.erasure import forget_nodes
from quanyu.storage.postgres.identity.region import Merchant
from quanyu.storage.postgres.merchants import merchant_no
from quanyu.wiring.analysis import Analysis


class Privacy(Analysis):
    @cached_property
    def privacy(self) -> PrivacyService:
        return PrivacyService(
            consent.PostgresConsent(
                self.database,
                self.profile_store,
                projection=self.profile_projection,
                register=self.registry.register,
            ),
            self.eraser,
            clock=self.clock,
            tokeniser_of=self.tokeniser,
            demand=self.assessments.demand,
        )

    @cached_property
    def corrections(self) -> Correcting:
        """What somebody says is wrong, put right."""
        return Correcting(
            self.profile_store,
            self.events.record,
            tags=list(self.catalogue.tags),
            clock=self.clock,
            tokeniser_of=self.tokeniser,
        )

    @cached_property
    def sending(self) -> SendDesk[psycopg.Connection]:
        """Where everything that goes out to a person asks."""
        held = standings.PostgresStandings(self.database, register=self.registry.register)
        return SendDesk(self.database, held, clock=self.clock, assessed=self.assessments.works)

    @cached_property
    def eraser(self) -> erasure.PostgresEraser:
        """Reaches the log, the quarantine, the lake, profiles, audiences, decisions, who holds
        benefits, and identity last."""
        others = erasure.Others(
            anchor=self.anchor,
            lake=self._erase_lake,
            tables={
                "audiences": self._forget_audiences,
                "decisions": erase_viewers,
                "coupons": forget_coupons,
                "benefits": benefits_erasure.forget_benefits,
                "identity": self._forget_identity,
            },
        )
        return erasure.PostgresEraser(
            self.database,
            self.log,
            quarantine=self.quarantine,
            others=others,
            secrets=(self.master_key, self.clock),
        )

    def _erase_lake(self, merchant: str, nodes: Collection[int]) -> int:
        """Also what a crash left in the lake's directory without a place in its manifest."""
        erased = self.lake_rewriter.erase_nodes(merchant, nodes)
        self.lake_store.remove_orphans()
        self.lake_replay.forget()
        return erased

    def _forget_audiences(
        self, conn: psycopg.Connection, merchant: str, *, nodes: Sequence[int]
    ) -> int:
        self.audience_store.forget(conn, merchant, persons=nodes)
        return len(nodes)

    def _forget_identity(
        self, conn: psycopg.Connection, merchant: str, *, nodes: Sequence[int]
    ) -> int:
        place = Merchant(merchant, merchant_no(conn, merchant))
        forget_nodes(conn, self.people, merchant=place, nodes=nodes)
        return len(nodes)
