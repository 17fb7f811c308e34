"""The whole engine: what follows the log, and what comes round by time."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from quanyu.app import Quanyu
from quanyu.clock import Clock, SystemClock
from quanyu.customers.privacy.purposes import PERSONALISATION
from quanyu.settings import Settings
from quanyu.storage.postgres import installation, migrations
from quanyu.storage.postgres.consumers import Projecting, Source
from quanyu.storage.postgres.database import Database
from quanyu.storage.postgres.merchants import merchant_names
from quanyu.storage.postgres.projector import Chore, Projector, every
from quanyu.wiring.deciding import Deciding
from quanyu.wiring.ground import database_server
from quanyu.wiring.trust import Trust

if TYPE_CHECKING:
    from quanyu.storage.audit import Audited, Check


class Engine(Deciding, Trust):
    """Everything of one data directory, each part made when it is first asked for."""

    @cached_property
    def app(self) -> Quanyu:
        return Quanyu(self)

    @cached_property
    def projections(self) -> tuple[Projecting, ...]:
        """What follows the log. A later one may rely on what an earlier one made of an event."""
        return (
            self.identity_projection,
            self.profile_projection,
            self.live_audiences,
            self.outside_trades,
            self.ad_billing,
            self.outcomes,
        )

    @cached_property
    def chores(self) -> tuple[Chore, ...]:
        """What comes round by time: (seconds, name, work)."""
        return (
            every(
                0, "audiences.timers", run=lambda: self.audience_store.sweep(self.live_audiences)
            ),
            every(1, "ledger.expire", run=lambda: self.ledger_writer.expire()),
            every(1, "lake.flush", run=lambda: self.lake.flush_if_due()),
            every(5, "coupons.lapse", run=lambda: self.coupon_parts.chores.lapse()),
            every(5, "orders.lapse", run=lambda: self.orders.lapse()),
            every(60, "coupons.expire", run=lambda: self.coupon_parts.chores.expire()),
            every(60, "offers.settle", run=lambda: self.settle_offers()),
            every(10, "ads.release", run=lambda: self.ad_closing.run()),
            every(5, "campaigns.settle", run=lambda: self.campaigns.settle()),
            every(60, "shows.settle", run=lambda: self.commissions.catch_up()),
            every(600, "coupons.attempts", run=lambda: self.coupon_parts.chores.forget()),
            every(1, "flash.expire", run=lambda: self.flash_sales.expire()),
            every(30, "audiences.snapshots", run=lambda: self.audience_store.save_snapshots()),
            every(60, "points.sweep", run=lambda: self.loyalty.sweep()),
            every(60, "audiences.refresh", run=lambda: self.audiences.refresh_due()),
            every(600, "lake.compaction", run=lambda: self.lake_rewriter.compact()),
            every(600, "lake.retired", run=lambda: self.lake_rewriter.remove_retired()),
            every(3600, "lake.orphans", run=lambda: self.lake_store.remove_orphans()),
            every(3600, "coupons.reconcile", run=lambda: self.reconcile_coupons()),
            every(3600, "licences.remind", run=lambda: self.reminders.note()),
            every(3600, "gate.recheck", run=lambda: self.recheck_all()),
            every(3600, "privacy.resume", run=lambda: self.privacy.resume()),
            every(86_400, "privacy.retention", run=lambda: self.retention.run()),
            every(3600, "profiles.ages", run=self._sweep_profiles),
            every(900, "fraud.scan", run=lambda: self.begin_night_scan()),
            every(3600, "quarantine.purge", run=lambda: self.events.purge()),
        )

    @cached_property
    def projector(self) -> Projector:
        source = Source(self.log, lambda after, limit: self.lake_replay.older(after, limit))
        return Projector(
            self.database,
            source,
            projections=self.projections,
            chores=self.chores,
            clock=self.clock,
        )

    @property
    def audited(self) -> "Audited":
        from quanyu.storage.audit import Audited

        return Audited(
            self.database,
            self.log,
            self.people,
            self.audiences,
            self.readings,
            self.settings.lake_dir,
        )

    def audit(self) -> "Iterator[Check]":
        """Every invariant, recomputed from the entries."""
        from quanyu.storage.audit import audit

        return audit(self.audited)

    def verify_ledger(self) -> "Iterator[Check]":
        """The checks of the ledger alone."""
        from quanyu.storage.audit import ledger_checks

        return ledger_checks(self.database)

    def settle(self) -> None:
        """What time and changed definitions have brought about without an event."""
        with self.database.transaction() as conn:
            self.profile_projection.refresh(conn)
        if self.audience_store.due(self.clock.now_us()):
            self.audiences.refresh_due()
        while self.audience_store.sweep(self.live_audiences):
            pass

    def recheck_all(self) -> int:
        """Of every merchant; returns how many things are not shown any more."""
        with self.database.transaction() as tx:
            merchants = merchant_names(tx).values()
        return sum(len(self.recheck(merchant)) for merchant in merchants)

    def _sweep_profiles(self) -> int:
        with self.database.transaction() as conn:
            self.profile_projection.refresh(conn)
            return self.profile_projection.sweep(conn)


@contextmanager
def open_engine(settings: Settings, *, clock: Clock | None = None) -> Iterator[Engine]:
    """Start what is needed, bring the schema up to date, and put everything away afterwards."""
    with database_server(settings) as server:
        migrations.migrate(server.url)
        with Database(server.url, pool_size=settings.pool_size) as database:
            installation.bind_master_key(database, settings.master_key())
            engine = Engine(settings, database, clock=clock or SystemClock())
            engine.read_definitions()
            engine.assessments.begin_trial(PERSONALISATION, days=settings.trial_days)
            try:
                yield engine
            finally:
                engine.close()
