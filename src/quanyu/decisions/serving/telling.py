"""What is kept of a decision so that it can be explained."""

from collections.abc import Sequence

import msgspec
import numpy as np

from quanyu.decisions.goods import Goods
from quanyu.decisions.recall.recalling import SOURCES
from quanyu.decisions.serving.case import Case
from quanyu.decisions.serving.explanation import RANKED_KEPT, Ads, Drawn, Ranked, Told, why
from quanyu.decisions.serving.scoring import Scoring


def told_of(case: Case, made: Scoring, *, ads: Ads, drawn: Sequence[Drawn]) -> Told:
    grounds, viewer = case.grounds, case.asked.viewer
    order = np.argsort(-made.value, kind="stable")
    rows = made.candidates.rows[order].tolist()
    found = Told(
        touchpoint=case.asked.touchpoint.id,
        at_us=case.asked.at_us,
        asked=_used(case),
        plain="" if viewer.plain is None else viewer.plain.value,
        sources=_counts(made),
        missing=(*grounds.missing, *made.candidates.missing),
        read_as=made.candidates.read_as,
        ranker=grounds.ranker_name,
        feature_names=grounds.ranker.names,
        ranked=tuple(
            _ranked(made, at, goods=grounds.index.goods) for at in order[:RANKED_KEPT].tolist()
        ),
        others=tuple(grounds.index.goods.ids[row] for row in rows[RANKED_KEPT:]),
        ads=ads,
        slots=tuple(drawn),
    )
    known = grounds.index.goods.row_of
    wanted = {one: why(found, one, known=one in known)
              for one in case.asked.ask.context.wanted}  # fmt: skip
    return msgspec.structs.replace(found, wanted=wanted)


def _ranked(made: Scoring, at: int, *, goods: Goods) -> Ranked:
    row = int(made.candidates.rows[at])
    return Ranked(
        goods.ids[row], int(made.candidates.sources[at]),
        float(made.scored.click[at]), float(made.scored.buy[at]),
    )  # fmt: skip


def _counts(made: Scoring) -> dict[str, int]:
    bits = made.candidates.sources
    return {str(one.name).lower(): int(np.count_nonzero(bits & int(one))) for one in SOURCES}


def _used(case: Case) -> dict[str, object]:
    """What was used of the question; a place or a route only as a yes."""
    moment = case.moment
    return {
        "query": " ".join(moment.query), "words": list(moment.words), "hand": list(moment.basket),
        "location": moment.here is not None, "route": bool(moment.route), "hour": moment.hour,
        "slots": case.asked.slots,
    }  # fmt: skip
