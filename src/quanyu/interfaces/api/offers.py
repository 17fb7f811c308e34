"""Routes of offers 券批次."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from quanyu.errors import Refused
from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import Key, may_bill, refused
from quanyu.promotions.offers.terms import read_template

router = APIRouter(prefix="/v1/offers", tags=["offers"])
Reader = Annotated[str, Depends(require("offers:read"))]
Writer = Annotated[str, Depends(require("offers:write"))]
Issuer = Annotated[str, Depends(require("coupons:write"))]
Document = dict[str, Any]
Move = Literal["submit", "approve", "reject", "pause", "resume", "stop", "end"]


class Signed(BaseModel):
    """Who does it, and why."""

    model_config = ConfigDict(extra="forbid")
    actor: str = Field(min_length=1, max_length=64)
    note: str = Field(default="", max_length=500)


class Draft(Signed):
    template: dict[str, Any]


class To(BaseModel):
    model_config = ConfigDict(extra="forbid")
    audience: str = Field(min_length=1, max_length=128)


def shown(outcome: Any) -> Document:
    if isinstance(outcome, Refused):
        raise refused(outcome)
    document: Document = outcome.as_json()
    return document


@router.post("")
def create_offer(request: Request, merchant: Writer, key: Key, draft: Draft) -> Document:
    """A draft. The template is docs/coupons.md's; a batch without both caps is refused."""
    may_bill(request, read_template(draft.template).priced)
    offers = request.app.state.quanyu.offers
    return shown(offers.create(merchant, draft.template, actor=draft.actor, request=key))


@router.get("")
def list_offers(request: Request, merchant: Reader) -> list[Document]:
    return [one.as_json() for one in request.app.state.quanyu.offers.listed(merchant)]


@router.get("/{offer}")
def show_offer(request: Request, merchant: Reader, offer: str) -> Document:
    """The offer, its balances in the book and its history."""
    offers = request.app.state.quanyu.offers
    found = offers.find(merchant, offer)
    history = [change.as_json() for change in offers.history(merchant, offer)]
    return {**found.as_json(), "balances": offers.balances(merchant, offer), "history": history}


@router.post("/kill")
def kill_all(request: Request, merchant: Writer, key: Key, signed: Signed) -> Document:
    """Every offer of the merchant: nothing is issued, locked or redeemed any more."""
    return {"killed": switched(request, merchant, signed=signed, key=key, killed=True)}


@router.post("/revive")
def revive_all(request: Request, merchant: Writer, key: Key, signed: Signed) -> Document:
    """Turns every kill switch back."""
    return {"revived": switched(request, merchant, signed=signed, key=key, killed=False)}


def switched(
    request: Request, merchant: str, *, signed: Signed, key: str, killed: bool
) -> list[str]:
    offers = request.app.state.quanyu.offers
    by = offers.by(signed.actor, key, note=signed.note)
    names: list[str] = offers.kill(merchant, None, killed=killed, by=by)
    return names


@router.post("/{offer}/kill")
def kill_offer(
    request: Request, merchant: Writer, key: Key, offer: str, signed: Signed
) -> Document:
    """This one; counts for the next redemption."""
    offers = request.app.state.quanyu.offers
    found = offers.find(merchant, offer)
    offers.kill(merchant, found.id, killed=True, by=offers.by(signed.actor, key, note=signed.note))
    return shown(offers.find(merchant, offer))


@router.post("/{offer}/revive")
def revive_offer(
    request: Request, merchant: Writer, key: Key, offer: str, signed: Signed
) -> Document:
    offers = request.app.state.quanyu.offers
    found = offers.find(merchant, offer)
    offers.kill(merchant, found.id, killed=False, by=offers.by(signed.actor, key, note=signed.note))
    return shown(offers.find(merchant, offer))


@router.post("/{offer}/breaker-reset")
def reset_breaker(
    request: Request, merchant: Writer, key: Key, offer: str, signed: Signed
) -> Document:
    """A person has looked at why the breaker tripped, and lets the offer run again."""
    offers = request.app.state.quanyu.offers
    by = offers.by(signed.actor, key, note=signed.note)
    return shown(offers.reset_breaker(merchant, offer, by=by))


@router.post("/{offer}/issue-to-audience")
def issue_to_audience(request: Request, merchant: Issuer, key: Key, offer: str, to: To) -> Document:
    """One piece to each member of now; a run that broke off goes on under the same key."""
    giving = request.app.state.quanyu.giving
    given = giving.to_audience(merchant, offer, audience=to.audience, request=key)
    if isinstance(given, Refused):
        raise refused(given)
    return {"offer": given.offer, "audience": given.audience, "counts": given.counts}


@router.post("/{offer}/moves/{move}")
def move_offer(
    request: Request, merchant: Writer, key: Key, offer: str, move: Move, signed: Signed
) -> Document:
    """submit, approve, reject, pause, resume, stop, end; another state: 409."""
    offers = request.app.state.quanyu.offers
    by = offers.by(signed.actor, key, note=signed.note)
    return shown(offers.move(merchant, offer, verb=move, by=by))
