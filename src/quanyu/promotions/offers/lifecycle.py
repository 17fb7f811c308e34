"""The life of an offer as a table."""

from enum import StrEnum


class OfferState(StrEnum):
    DRAFT = "draft"
    AUDITING = "auditing"
    ACTIVE = "active"
    PAUSED = "paused"
    EXHAUSTED = "exhausted"
    """Every piece has been issued; what was issued can still be used."""
    STOPPED = "stopped"
    """Nothing more is issued; what was issued can still be used, unless it is killed."""
    ENDED = "ended"


class OfferVerb(StrEnum):
    SUBMIT = "submit"
    APPROVE = "approve"
    REJECT = "reject"
    PAUSE = "pause"
    RESUME = "resume"
    EXHAUST = "exhaust"
    STOP = "stop"
    END = "end"


_S, _V = OfferState, OfferVerb
MOVES: dict[tuple[OfferState, OfferVerb], OfferState] = {
    (_S.DRAFT, _V.SUBMIT): _S.AUDITING,
    (_S.AUDITING, _V.APPROVE): _S.ACTIVE,
    (_S.AUDITING, _V.REJECT): _S.DRAFT,
    (_S.ACTIVE, _V.PAUSE): _S.PAUSED,
    (_S.PAUSED, _V.RESUME): _S.ACTIVE,
    (_S.ACTIVE, _V.EXHAUST): _S.EXHAUSTED,
    (_S.ACTIVE, _V.STOP): _S.STOPPED,
    (_S.PAUSED, _V.STOP): _S.STOPPED,
    (_S.ACTIVE, _V.END): _S.ENDED,
    (_S.PAUSED, _V.END): _S.ENDED,
    (_S.EXHAUSTED, _V.END): _S.ENDED,
    (_S.STOPPED, _V.END): _S.ENDED,
}
"""What is not in the table is refused as ``wrong_state``."""


def moved(state: OfferState, verb: OfferVerb) -> OfferState | None:
    return MOVES.get((state, verb))
