"""The score of a page, and the next steps by what they are expected to gain.

score = 100 · Σ weight·met / Σ weight. The gain of a step is what the score would rise by if its
criterion were met in full. Weights are heuristics; whoever knows better gives their own.
"""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec

from quanyu.compliance.verdict import STRICTNESS, Hit, Severity, Verdict
from quanyu.content.improvement.measures import Criterion, Found, criteria, measured
from quanyu.content.improvement.pages import FORMS, Page, PageKind
from quanyu.errors import BadInput

WEIGHT_MAX = 1_000


class Score(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    label: str
    weight: int
    have: int
    need: int
    met: float
    gain: float
    """Points that meeting it in full would add."""
    advice: str
    """Empty when it is met."""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    kind: PageKind
    score: float
    blocked: bool
    """Something on it must not be shown; the score does not excuse that."""
    criteria: tuple[Score, ...]
    hits: tuple[Hit, ...]

    @property
    def steps(self) -> tuple[Score, ...]:
        """What to do next: what the law asks for, then by gain."""
        open_ = [one for one in self.criteria if one.gain > 0]
        return tuple(sorted(open_, key=lambda one: (one.id != "law", -one.gain, one.id)))

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self)
        told["next"] = [one.id for one in self.steps]
        return told


def scored(
    page: Page, *, review: Callable[[str], Verdict], weights: Mapping[str, int] | None = None
) -> Report:
    """Raises BadInput for an unknown industry or criterion."""
    page.checked()
    kind = next(name for name, form in FORMS.items() if isinstance(page, form))
    known = weighted(kind, weights or {})
    hits = hits_of(page, review)
    total = sum(one.weight for one in known)
    found = tuple(_score(one, measured(page, one, hits=hits), total=total) for one in known)
    score = sum(one.weight * one.met for one in found) * 100 / total
    blocked = any(hit.counts_as is Severity.BLOCK for hit in hits)
    return Report(kind=kind, score=round(score, 1), blocked=blocked, criteria=found, hits=hits)


def hits_of(page: Page, review: Callable[[str], Verdict]) -> tuple[Hit, ...]:
    """Of every text: what lacks proof or must not be said. A missing mark is not its fault."""
    least = STRICTNESS[Severity.NEED_PROOF]
    return tuple(
        msgspec.structs.replace(hit, field=field)
        for field, text in page.texts()
        for hit in review(text).hits
        if STRICTNESS[hit.counts_as] >= least
    )


def weighted(kind: PageKind, weights: Mapping[str, int]) -> tuple[Criterion, ...]:
    """The criteria with weights of one's own. Raises BadInput."""
    known = criteria().of(kind)
    for name, weight in weights.items():
        if name not in {one.id for one in known}:
            names = ", ".join(one.id for one in known)
            raise BadInput(f"weights.{name[:40]}", f"choose from {names}")
        if not 0 <= weight <= WEIGHT_MAX:
            raise BadInput(f"weights.{name}", f"give 0 to {WEIGHT_MAX}")
    found = tuple(
        msgspec.structs.replace(one, weight=weights.get(one.id, one.weight)) for one in known
    )
    if not any(one.weight for one in found):
        raise BadInput("weights", "leave at least one weight above 0")
    return found


def _score(criterion: Criterion, found: Found, *, total: int) -> Score:
    gain = round(criterion.weight * (1 - found.met) * 100 / total, 1)
    need = criterion.need if found.need is None else found.need
    advice = criterion.advice.format(need=need, have=found.have, missing=found.missing)
    return Score(
        id=criterion.id, label=criterion.label, weight=criterion.weight, have=found.have,
        need=need, met=round(found.met, 4), gain=gain, advice=advice if gain else "",
    )  # fmt: skip
