"""The life of a version of a piece: state × verb → state. What is not in the table is refused."""

from enum import StrEnum


class PieceState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    PUBLISHED = "published"
    PAUSED = "paused"
    WITHDRAWN = "withdrawn"
    """For good: a change of mind is a new version."""


class PieceVerb(StrEnum):
    SUBMIT = "submit"
    REJECT = "reject"
    APPROVE = "approve"
    PUBLISH = "publish"
    PAUSE = "pause"
    RESUME = "resume"
    WITHDRAW = "withdraw"
    REPLACE = "replace"
    """A later version has come, or, for one that is shown, has been published."""


_S, _V = PieceState, PieceVerb
MOVES: dict[tuple[PieceState, PieceVerb], PieceState] = {
    (_S.DRAFT, _V.SUBMIT): _S.IN_REVIEW,
    (_S.DRAFT, _V.WITHDRAW): _S.WITHDRAWN,
    (_S.DRAFT, _V.REPLACE): _S.WITHDRAWN,
    (_S.IN_REVIEW, _V.APPROVE): _S.APPROVED,
    (_S.IN_REVIEW, _V.REJECT): _S.DRAFT,
    (_S.IN_REVIEW, _V.WITHDRAW): _S.WITHDRAWN,
    (_S.IN_REVIEW, _V.REPLACE): _S.WITHDRAWN,
    (_S.APPROVED, _V.PUBLISH): _S.PUBLISHED,
    (_S.APPROVED, _V.REJECT): _S.DRAFT,
    (_S.APPROVED, _V.WITHDRAW): _S.WITHDRAWN,
    (_S.APPROVED, _V.REPLACE): _S.WITHDRAWN,
    (_S.PUBLISHED, _V.PAUSE): _S.PAUSED,
    (_S.PUBLISHED, _V.WITHDRAW): _S.WITHDRAWN,
    (_S.PUBLISHED, _V.REPLACE): _S.WITHDRAWN,
    (_S.PAUSED, _V.RESUME): _S.PUBLISHED,
    (_S.PAUSED, _V.WITHDRAW): _S.WITHDRAWN,
    (_S.PAUSED, _V.REPLACE): _S.WITHDRAWN,
}
SHOWN = frozenset({PieceState.PUBLISHED, PieceState.PAUSED})
"""A piece has at most one version in these; a paused one keeps its place."""
OPEN = frozenset({PieceState.DRAFT, PieceState.IN_REVIEW, PieceState.APPROVED})
"""On the way to being shown; a later version replaces it."""
GATED = frozenset({PieceVerb.APPROVE, PieceVerb.PUBLISH, PieceVerb.RESUME})
"""What brings a text nearer to people asks the law of that day again."""


class PieceRefusal(StrEnum):
    WRONG_STATE = "wrong_state"
    AUTHOR_APPROVES = "author_approves"
    """Four eyes are asked for, and whoever wrote or submitted it is not the second pair."""
