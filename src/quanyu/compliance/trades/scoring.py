"""From evidence to a score: points of log-odds that add up, each told with its reason.

A score begins at BASE: without anything odd about a group an order is at 0.7 %. A group brings
points (dense block, or shared devices and accounts), what an order shows itself brings the weight
of the feature, as far as it is rare outside the groups; what is known of a group and is just as
usual as elsewhere speaks for it. score = 1 / (1 + e^(−points)). Nothing is flagged alone: fake
trade takes many, and one odd customer is only an odd customer.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from quanyu.compliance.trades.evidence import Evidence
from quanyu.compliance.trades.features import FEATURES, Feature, Found
from quanyu.compliance.trades.graph import Flags, Floats

BASE = -5.0
FLAGGED_FROM = 0.5
LOCKSTEP = 5.5
LOCKSTEP_MORE_MAX = 2.5
SHARED = 2.0
ORDINARY = -0.5
ORDINARY_MIN = -2.0
COMMON_SHARE = 0.25
"""What a quarter of all other orders show says nothing any more."""
KNOWN_SHARE_MIN = 0.5
NEAR = 0.05


@dataclass(frozen=True)
class Scored:
    score: Floats
    """Of each row of the group, in their order."""
    reasons: Mapping[str, Flags]
    """Feature → rows of the group that show it."""
    evidence: tuple[Evidence, ...]


def lockstep_points(strength: float) -> float:
    """``strength``: log-likelihood ratio over its bound, 1 at the limit of significance."""
    return LOCKSTEP + min(LOCKSTEP_MORE_MAX, 1.25 * float(np.log2(max(strength, 1.0))))


def scored(
    found: Mapping[str, Found], rows: Flags, *, outside: Flags, group_points: float
) -> Scored:
    """``outside``: rows of no group, against which the rows of this one are held."""
    points = np.full(int(rows.sum()), BASE + group_points)
    evidence, reasons, ordinary = [], {}, 0.0
    for feature in FEATURES:
        one = _evidence(feature, found[feature.name], rows=rows, outside=outside)
        if one is None:
            continue
        hit = found[feature.name].hit[rows]
        if one.points > 0:
            points += one.points * hit
            reasons[feature.name] = hit
        else:
            ordinary += one.points
        evidence.append(one)
    points += max(ordinary, ORDINARY_MIN)
    ranked = sorted(evidence, key=lambda one: (-one.points * one.value, one.feature))
    return Scored(1 / (1 + np.exp(-points)), reasons, tuple(ranked))


def _evidence(feature: Feature, found: Found, *, rows: Flags, outside: Flags) -> Evidence | None:
    """None where too little of the group is known, or nothing to compare it with."""
    known = found.known & rows
    others = found.known & outside
    covered = known.sum() / max(rows.sum(), 1)
    if covered < KNOWN_SHARE_MIN or not others.any():
        return None
    share = float(found.hit[known].mean())
    usual = float(found.hit[others].mean())
    points = _points(feature, share=share, usual=usual)
    why = feature.say.format(share=percent(share)) + f"，其他订单为 {percent(usual)}"
    return Evidence(
        feature=feature.name, label=feature.label, points=points, why=why,
        value=round(share, 6), usual=round(usual, 6), known=round(float(covered), 6),
    )  # fmt: skip


def _points(feature: Feature, *, share: float, usual: float) -> float:
    if share <= usual + NEAR:
        return ORDINARY if feature.clears else 0.0
    return round(feature.weight * max(0.0, 1 - usual / COMMON_SHARE), 3)


def percent(share: float) -> str:
    return f"{share:.1%}"
