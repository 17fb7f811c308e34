"""A campaign as it is kept: how it stands, its versions, and what was done with it."""

from typing import Any

import msgspec

from quanyu.clock import format_iso
from quanyu.content.library.version import By
from quanyu.decisions.campaigns.campaign import Budget, Campaign
from quanyu.decisions.campaigns.states import CampaignState, VersionState

__all__ = ["By", "Change", "Money", "Purse", "Standing", "Version"]


class Standing(msgspec.Struct, frozen=True, tag="campaign"):
    """The answer to every verb: without the texts and keywords."""

    id: str
    advertiser: str
    title: str
    state: CampaignState
    budget: Budget
    """As it counts now, whatever a version was written with."""
    newest: int
    """Number of the newest version, from 1."""
    newest_state: VersionState
    from_us: int
    to_us: int
    """Of the version in force, else of the newest."""
    in_force: int = 0
    """Number of the version that is shown; 0: none was ever approved."""
    committed_fen: int = 0
    """What has left the purse for it, less what came back: the total while it is funded."""
    settled: bool = False
    """Ended, and nothing of its money is anywhere but earned or back in the purse."""

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "advertiser": self.advertiser, "title": self.title,
            "state": self.state.value, "version": self.in_force, "newest": self.newest,
            "newest_state": self.newest_state.value, "budget": msgspec.to_builtins(self.budget),
            "from": format_iso(self.from_us), "to": format_iso(self.to_us),
        }  # fmt: skip


class Version(msgspec.Struct, frozen=True):
    campaign: Campaign
    number: int
    state: VersionState
    author: str
    since_us: int
    submitter: str = ""
    """Who asked for approval last."""

    def as_json(self) -> dict[str, Any]:
        return {
            "version": self.number, "state": self.state.value, "author": self.author,
            "since": format_iso(self.since_us),
        }  # fmt: skip


class Change(msgspec.Struct, frozen=True):
    """One line of the history of a campaign; lines are never changed."""

    verb: str
    """A CampaignVerb, ``put`` or ``budget``."""
    before: str
    after: str
    number: int
    """Of the version it is about."""
    actor: str
    at_us: int
    note: str = ""

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self)
        return {"at": format_iso(told.pop("at_us")), **told}


class Money(msgspec.Struct, frozen=True):
    """Where the total of a campaign is, in fen."""

    left_fen: int = 0
    """No day has taken it yet."""
    days_fen: int = 0
    """In the accounts of its days."""
    out_fen: int = 0
    """At work in leases."""
    spent_fen: int = 0

    def as_json(self) -> dict[str, int]:
        told: dict[str, int] = msgspec.to_builtins(self)
        return told


class Purse(msgspec.Struct, frozen=True, tag="purse"):
    advertiser: str
    balance_fen: int

    def as_json(self) -> dict[str, Any]:
        told: dict[str, Any] = msgspec.to_builtins(self)
        return {name: value for name, value in told.items() if name != "type"}
