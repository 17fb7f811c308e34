"""Who is looking, what is kept of decisions, and what came of them."""

from functools import cached_property

from quanyu.storage.postgres.decisions.contacts import PostgresContacts
from quanyu.storage.postgres.decisions.inside import CampaignAudiences, Inside
from quanyu.storage.postgres.decisions.learning import LearningRows
from quanyu.storage.postgres.decisions.log import PostgresDecisionLog
from quanyu.storage.postgres.decisions.outcomes import Outcomes
from quanyu.storage.postgres.decisions.people import PostgresPeople
from quanyu.wiring.recall import Recall
from quanyu.wiring.watch import Watch


class Viewers(Recall, Watch):
    @cached_property
    def viewers(self) -> PostgresPeople:
        return PostgresPeople(
            Inside(self.memberships),
            audiences=CampaignAudiences(self.clock),
            hours=self.ecosystem.cap_hours,
        )

    @cached_property
    def contacts(self) -> PostgresContacts:
        return PostgresContacts()

    @cached_property
    def decision_log(self) -> PostgresDecisionLog:
        return PostgresDecisionLog()

    @cached_property
    def learning_rows(self) -> LearningRows:
        return LearningRows(self.database)

    @cached_property
    def outcomes(self) -> Outcomes:
        return Outcomes(nodes=self.nodes)
