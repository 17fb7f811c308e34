"""The lake and what is asked of it. The engines are loaded when the first question comes."""

from functools import cached_property
from typing import TYPE_CHECKING

from quanyu.customers.audiences.grounds import Surroundings
from quanyu.customers.audiences.service import AudienceService
from quanyu.ids import derive_key
from quanyu.measurement.disclosure import K_WITHIN_MERCHANT, Veil
from quanyu.measurement.reports import Reports
from quanyu.storage.postgres.audience_holders import AudienceHolders
from quanyu.storage.postgres.audience_live import LiveAudiences
from quanyu.storage.postgres.audience_members import Memberships
from quanyu.storage.postgres.audience_people import Sources
from quanyu.storage.postgres.audiences import PostgresAudiences
from quanyu.storage.postgres.tag_values import TagValues
from quanyu.wiring.customers import Customers

if TYPE_CHECKING:
    from quanyu.storage.lake.replay import LakeReplay
    from quanyu.storage.lake.rewriting import LakeRewriter
    from quanyu.storage.lake.store import LakeStore
    from quanyu.storage.lake.table import Lake
    from quanyu.storage.lake.writer import LakeWriter


class Analysis(Customers):
    @cached_property
    def lake_store(self) -> "LakeStore":
        from quanyu.storage.lake.store import LakeStore

        return LakeStore(self.database, self.settings.lake_dir)

    @cached_property
    def lake(self) -> "LakeWriter":
        from quanyu.storage.lake.writer import FlushRule, LakeWriter

        rule = FlushRule(self.settings.lake_flush_events, self.settings.lake_flush_seconds)
        return LakeWriter(self.lake_store, self.log, nodes=self.nodes, clock=self.clock, rule=rule)

    @cached_property
    def lake_rewriter(self) -> "LakeRewriter":
        from quanyu.storage.lake.rewriting import LakeRewriter

        return LakeRewriter(self.lake_store, self.clock)

    @cached_property
    def lake_replay(self) -> "LakeReplay":
        from quanyu.storage.lake.replay import LakeReplay

        return LakeReplay(self.lake_store)

    @cached_property
    def readings(self) -> "Lake":
        from quanyu.storage.lake.engine import DuckDBEngine
        from quanyu.storage.lake.snapshot import Snapshots
        from quanyu.storage.lake.table import Lake

        engine = DuckDBEngine()
        self._open.callback(engine.close)
        return Lake(engine, Snapshots(self.lake_store, self.log, nodes=self.nodes))

    @cached_property
    def reports(self) -> Reports:
        from quanyu.storage.lake.reports import LakeReports

        return LakeReports(self.readings, secret=derive_key(self.master_key, "disclosure"))

    @cached_property
    def group_veil(self) -> Veil:
        """Over figures of groups, for who may read figures and no persons; one for all shops."""
        return Veil(K_WITHIN_MERCHANT, derive_key(self.master_key, "disclosure"))

    @cached_property
    def audience_sources(self) -> Sources:
        return Sources(
            self.catalogue,
            self.nodes,
            TagValues(self.catalogue, self.clock),
            moved=self.profile_projection.moved,
        )

    @cached_property
    def memberships(self) -> Memberships:
        return Memberships()

    @cached_property
    def audience_store(self) -> PostgresAudiences:
        return PostgresAudiences(
            self.database, self.memberships, sources=self.audience_sources, clock=self.clock
        )

    @cached_property
    def audience_holders(self) -> AudienceHolders:
        return AudienceHolders(self.database, self.memberships, clock=self.clock)

    @cached_property
    def live_audiences(self) -> LiveAudiences:
        return LiveAudiences(self.clock, Memberships(), sources=self.audience_sources)

    @cached_property
    def audiences(self) -> AudienceService:
        from quanyu.storage.lake.audience_crowd import LakeCrowd

        crowd = LakeCrowd(self.readings, self.catalogue, tags=self.audience_store.tags_of_everybody)
        around = Surroundings(
            self.clock,
            self.catalogue,
            self.tokeniser,
            demand=self.assessments.demand,
            works=self.assessments.works,
        )
        return AudienceService(self.audience_store, crowd, around=around)
