"""What recall found, and what ranking thinks of it."""

from dataclasses import dataclass

from quanyu.decisions.rank.features import Matrix, Pool, feature_matrix
from quanyu.decisions.rank.scored import Scored, Shares
from quanyu.decisions.recall.recalling import SOURCES, Candidates, Limits, recall
from quanyu.decisions.serving.case import Case
from quanyu.touchpoints.touchpoint import Touchpoint

BUY_WORTH = 10.0
"""A purchase counts as much as so many clicks."""
SOURCE_NAMES = tuple(str(one.name).lower() for one in SOURCES)


@dataclass(frozen=True, slots=True)
class Scoring:
    """Candidates in the order of recall."""

    candidates: Candidates
    features: Matrix
    scored: Scored

    @property
    def value(self) -> Shares:
        found: Shares = self.scored.click + BUY_WORTH * self.scored.buy
        return found


def scoring(case: Case) -> Scoring:
    candidates = recall(
        case.grounds.index, case.moment, taste=case.asked.viewer.taste,
        limits=limits_of(case.touchpoint),
    )  # fmt: skip
    features = features_of(case, Pool(candidates.rows, SOURCE_NAMES, candidates.scores))
    return Scoring(candidates, features, scored(case, features))


def features_of(case: Case, pool: Pool) -> Matrix:
    grounds = case.grounds
    return feature_matrix(
        pool, shelf=grounds.shelf, habits=grounds.habits, taste=case.asked.viewer.taste,
        moment=case.moment,
    )  # fmt: skip


def scored(case: Case, features: Matrix) -> Scored:
    return case.grounds.ranker.at(case.touchpoint.id).score(features)


def limits_of(touchpoint: Touchpoint) -> Limits:
    plain = Limits()
    return Limits(
        radius_m=touchpoint.radius_m or plain.radius_m,
        detour_m=plain.detour_m if touchpoint.detour_m is None else touchpoint.detour_m,
    )
