"""The life of a campaign, and of what is written for it, as tables. What is not in them is refused
as ``wrong_state``.

A campaign that was approved once keeps its own state while its next version goes from a draft
through the review; the version before stays in force until then.
"""

from enum import StrEnum


class CampaignState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    """Its money is put aside; it waits for its first day."""
    RUNNING = "running"
    PAUSED = "paused"
    ENDED = "ended"
    """For good; what was not spent goes back to the purse."""


class VersionState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    IN_FORCE = "in_force"
    REPLACED = "replaced"


class CampaignVerb(StrEnum):
    SUBMIT = "submit"
    REJECT = "reject"
    APPROVE = "approve"
    START = "start"
    """By the clock."""
    PAUSE = "pause"
    RESUME = "resume"
    END = "end"


_S, _V, _W = CampaignState, CampaignVerb, VersionState
MOVES: dict[tuple[CampaignState, CampaignVerb], CampaignState] = {
    (_S.DRAFT, _V.SUBMIT): _S.IN_REVIEW,
    (_S.DRAFT, _V.END): _S.ENDED,
    (_S.IN_REVIEW, _V.REJECT): _S.DRAFT,
    (_S.IN_REVIEW, _V.APPROVE): _S.APPROVED,
    (_S.IN_REVIEW, _V.END): _S.ENDED,
    (_S.APPROVED, _V.START): _S.RUNNING,
    (_S.APPROVED, _V.PAUSE): _S.PAUSED,
    (_S.APPROVED, _V.END): _S.ENDED,
    (_S.RUNNING, _V.PAUSE): _S.PAUSED,
    (_S.RUNNING, _V.END): _S.ENDED,
    (_S.PAUSED, _V.RESUME): _S.RUNNING,
    (_S.PAUSED, _V.END): _S.ENDED,
}
VERSION_MOVES: dict[tuple[VersionState, CampaignVerb], VersionState] = {
    (_W.DRAFT, _V.SUBMIT): _W.IN_REVIEW,
    (_W.IN_REVIEW, _V.REJECT): _W.DRAFT,
    (_W.IN_REVIEW, _V.APPROVE): _W.IN_FORCE,
}
"""Of the newest version; submit, reject and approve are about it alone once there is one in
force."""
FUNDED = frozenset({_S.APPROVED, _S.RUNNING, _S.PAUSED})
"""Its total budget has left the purse, and a version is in force."""
OF_THE_VERSION = frozenset({_V.SUBMIT, _V.REJECT, _V.APPROVE})
GATED = frozenset({_V.SUBMIT, _V.APPROVE, _V.RESUME})
"""What brings it nearer to people asks the law of that day again."""
BY_PEOPLE = tuple(verb for verb in _V if verb is not _V.START)


class CampaignRefusal(StrEnum):
    WRONG_STATE = "wrong_state"
    AUTHOR_APPROVES = "author_approves"
    """Whoever wrote or submitted it is not the second pair of eyes."""
    VERSION_CHANGED = "version_changed"
    """Somebody has written another one than was looked at."""
    PURSE_TOO_SMALL = "purse_too_small"
    """Have: what is in the advertiser's purse; need: what the total budget asks of it."""
    BELOW_SPENT = "below_spent"
    """Have: the total that was asked for; need: what is spent or at work."""
