"""Campaigns and their budgets, read and told alike by every door."""

from typing import Any

import msgspec

from quanyu.content.library.version import By
from quanyu.decisions.campaigns.campaign import Budget, Campaign
from quanyu.decisions.campaigns.checking import read_campaign
from quanyu.decisions.campaigns.service import Campaigns
from quanyu.strict import decoded


class Draft(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    campaign: dict[str, Any]
    actor: str
    note: str = ""


class Rebudget(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    budget: Budget
    actor: str
    note: str = ""


def read_draft(raw: bytes, *, campaign: str) -> tuple[Campaign, By]:
    """``campaign``: the id, which the address says. Raises BadInput."""
    draft = decoded(raw, Draft, name="body")
    return read_campaign({**draft.campaign, "id": campaign}), By(draft.actor, draft.note)


def spelt(document: Any) -> Any:
    """One spelling, so that the same content under one key is the same request."""
    return msgspec.to_builtins(document)


def told(campaigns: Campaigns[Any], merchant: str, *, campaign: str) -> dict[str, Any]:
    """How it stands, the newest version and the one in force, its money, what was done with it."""
    standing = campaigns.find(merchant, campaign)
    versions = campaigns.versions(merchant, campaign)
    money, purse = campaigns.money(merchant, campaign)
    shown = next((one for one in versions if one.number == standing.in_force), None)
    return {
        **standing.as_json(),
        "money": money.as_json(),
        "purse_fen": purse.balance_fen,
        "campaign": spelt(versions[-1].campaign),
        "shown": None if shown is None else spelt(shown.campaign),
        "versions": [one.as_json() for one in versions],
        "history": [one.as_json() for one in campaigns.history(merchant, campaign)],
    }
