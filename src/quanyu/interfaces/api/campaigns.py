"""Routes of campaigns 投放计划: in versions, approved by a second person, paid in advance."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from quanyu.content.library.version import By
from quanyu.decisions.campaigns.service import Campaigns
from quanyu.decisions.campaigns.states import CampaignState, CampaignVerb
from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import Key, PathId, asked, granted, raw_body
from quanyu.interfaces.api.offers import Signed
from quanyu.interfaces.api.orders import ANY
from quanyu.interfaces.campaign_forms import Rebudget, read_draft, spelt, told
from quanyu.strict import decoded

router = APIRouter(prefix="/v1/campaigns", tags=["campaigns"])
Reader = Annotated[str, Depends(require("campaigns:read"))]
Writer = Annotated[str, Depends(require("campaigns:write"))]
Approver = Annotated[str, Depends(require("campaigns:approve"))]
Cashier = Annotated[str, Depends(require("ledger:write"))]
Raw = Annotated[bytes, Depends(raw_body)]
Document = dict[str, Any]
Review = Literal["approve", "reject"]
Move = Literal["submit", "pause", "resume", "end"]


class Reviewed(Signed):
    version: int | None = Field(default=None, ge=1)
    """The one that was looked at; another one has come: 409."""


class Paid(BaseModel):
    model_config = ConfigDict(extra="forbid")
    advertiser: str = Field(min_length=1, max_length=128)
    amount: int = Field(ge=1)


def campaigns_of(request: Request) -> Campaigns[Any]:
    found: Campaigns[Any] = request.app.state.quanyu.campaigns
    return found


@router.get("")
def campaigns(
    request: Request,
    merchant: Reader,
    *,
    state: CampaignState | None = None,
    after: Annotated[str, Query(max_length=64)] = "",
) -> list[Document]:
    """By id, 500 at most; page on with `after` = the last id."""
    found = campaigns_of(request).listed(merchant, state=state, after=after)
    return [one.as_json() for one in found]


@router.post("/fund")
def fund(request: Request, merchant: Cashier, key: Key, paid: Paid) -> Document:
    """A payment of the advertiser has come in; of a verified notice."""
    ask = asked(merchant, "campaign.fund", key=key, content=[paid.advertiser, paid.amount])
    done = campaigns_of(request).fund(ask, paid.advertiser, fen=paid.amount)
    return granted(done).as_json()


@router.put("/{campaign}", openapi_extra=ANY)
def put(request: Request, campaign: PathId, merchant: Writer, *, key: Key, raw: Raw) -> Document:
    """`{"campaign": …, "actor": …}`: the first or the next version, a draft. What is in force stays
    in force."""
    made, by = read_draft(raw, campaign=campaign)
    content = [spelt(made), by.actor, by.note]
    ask = asked(merchant, "campaign.put", key=key, content=content)
    return granted(campaigns_of(request).put(ask, made, by=by)).as_json()


@router.get("/{campaign}")
def show(request: Request, campaign: PathId, merchant: Reader) -> Document:
    """How it stands, the newest version and the one that is shown, its money, its history."""
    return told(campaigns_of(request), merchant, campaign=campaign)


@router.get("/{campaign}/spend")
def spend(request: Request, campaign: PathId, merchant: Reader) -> Document:
    """What is held, settled and released, and which clicks cost nothing, by day."""
    found: Document = request.app.state.quanyu.ad_spending.of(merchant, campaign).as_json()
    return found


@router.post("/{campaign}/budget", openapi_extra=ANY)
def budget(request: Request, campaign: PathId, merchant: Writer, *, key: Key, raw: Raw) -> Document:
    """`{"budget": {"day_fen", "total_fen"}, "actor", "note"?}`: counts at once, unreviewed."""
    said = decoded(raw, Rebudget, name="body")
    by = By(said.actor, said.note)
    content = [campaign, spelt(said.budget), by.actor, by.note]
    ask = asked(merchant, "campaign.budget", key=key, content=content)
    done = campaigns_of(request).budget(ask, campaign, budget=said.budget, by=by)
    return granted(done).as_json()


@router.post("/{campaign}/reviews/{review}")
def review(
    request: Request, campaign: PathId, merchant: Approver, *, review: Review, key: Key,
    body: Reviewed,
) -> Document:  # fmt: skip
    """approve or reject, by somebody else than who wrote or submitted it."""
    by, verb = By(body.actor, body.note), CampaignVerb(review)
    content = [campaign, review, by.actor, by.note, body.version]
    ask = asked(merchant, f"campaign.{verb}", key=key, content=content)
    done = campaigns_of(request).move(ask, campaign, verb=verb, by=by, version=body.version)
    return granted(done).as_json()


@router.post("/{campaign}/moves/{move}")
def move(
    request: Request, campaign: PathId, merchant: Writer, *, move: Move, key: Key, body: Signed
) -> Document:
    """submit, pause, resume, end; another state: 409."""
    by, verb = By(body.actor, body.note), CampaignVerb(move)
    content = [campaign, move, by.actor, by.note, None]
    ask = asked(merchant, f"campaign.{verb}", key=key, content=content)
    return granted(campaigns_of(request).move(ask, campaign, verb=verb, by=by)).as_json()
