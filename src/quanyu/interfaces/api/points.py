"""Routes of points. Identifiers travel in bodies: addresses end up in logs."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import Key, granted
from quanyu.interfaces.api.people_doors import keyed
from quanyu.money import FEN_MAX
from quanyu.promotions.loyalty.answers import as_json, lot_json
from quanyu.promotions.loyalty.desk import Order
from quanyu.promotions.loyalty.programmes import POINTS_MAX, Line, Programme

router = APIRouter(prefix="/v1/points", tags=["points"])
Reader = Annotated[str, Depends(require("points:read"))]
Writer = Annotated[str, Depends(require("points:write"))]
Document = dict[str, Any]
Word = Annotated[str, Field(min_length=1, max_length=300)]
OrderId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_.:@-]{1,64}$")]
Flags = Annotated[list[Annotated[str, Field(max_length=40)]], Field(max_length=50)]
Points = Annotated[int, Field(ge=1, le=POINTS_MAX)]
Fen = Annotated[int, Field(ge=0, le=FEN_MAX)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Definition(Body):
    """``terms``: see docs/loyalty.md."""

    name: Word
    terms: dict[str, Any]


class Who(Body):
    """``programme``: a name, or platform/name for the ecosystem's."""

    programme: Word
    identifier: Word


class Person(Body):
    identifier: Word


class CashLine(Body):
    cash: Fen
    flags: Flags = []


class Earning(Who):
    order: OrderId
    lines: Annotated[list[CashLine], Field(min_length=1, max_length=1000)]
    flags: Flags = []


class Spending(Who):
    order: OrderId
    points: Points


class Cancelling(Body):
    programme: Word
    order: OrderId
    points: Points | None = None


class Refunding(Body):
    programme: Word
    order: OrderId
    cash: Annotated[int, Field(ge=1, le=FEN_MAX)]


class Giving(Who):
    to: Word
    points: Points


class Freezing(Who):
    frozen: bool


def programme_json(programme: Programme) -> Document:
    owner, terms = programme.owner, msgspec.to_builtins(programme.terms)
    return {"owner": owner, "name": programme.name, "terms": terms}


@router.put("/programmes")
def define_programme(request: Request, merchant: Writer, body: Definition) -> Document:
    """Makes a programme of the merchant's own, or gives it other terms."""
    terms = msgspec.json.encode(body.terms)
    return programme_json(request.app.state.quanyu.loyalty.define(merchant, body.name, body=terms))


@router.get("/programmes")
def list_programmes(request: Request, merchant: Reader) -> list[Document]:
    """The merchant's own, then the ecosystem's."""
    found = request.app.state.quanyu.loyalty.programmes(merchant)
    return [programme_json(one) for one in found]


@router.post("/members")
def join(request: Request, merchant: Writer, body: Who, key: Key) -> Document:
    """Makes somebody a member; the gift is for the person."""
    asked = keyed(request, merchant, operation="points.join", asked=(key, body))
    loyalty = request.app.state.quanyu.loyalty
    return as_json(granted(loyalty.join(asked, body.programme, identifier=body.identifier)))


@router.post("/balance")
def show_balance(request: Request, merchant: Reader, body: Who) -> Document:
    """All purses of the person, as of now."""
    loyalty = request.app.state.quanyu.loyalty
    return as_json(loyalty.balance(merchant, body.programme, identifier=body.identifier))


@router.post("/lots")
def show_lots(request: Request, merchant: Reader, body: Who) -> list[Document]:
    """Each grant with what is left of it, the newest first."""
    points = request.app.state.quanyu.points
    found = points.lots(merchant, (body.programme, body.identifier))
    return [lot_json(one) for one in found]


@router.post("/eligibility")
def show_eligibility(request: Request, merchant: Reader, body: Person) -> list[str]:
    """What a cart of this person may claim: member, member:gold."""
    return sorted(request.app.state.quanyu.loyalty.eligibility(merchant, body.identifier))


@router.post("/earn")
def earn(request: Request, merchant: Writer, body: Earning, key: Key) -> Document:
    """An order was paid. `effects` names the offers that it has also earned."""
    asked = keyed(request, merchant, operation="points.earn", asked=(key, body))
    lines = [Line(line.cash, tuple(line.flags)) for line in body.lines]
    order = Order(merchant, body.order, tuple(body.flags))
    points = request.app.state.quanyu.points
    who = (body.programme, body.identifier)
    return as_json(granted(points.earn(asked, who, order=order, lines=lines)))


@router.post("/spend")
def spend(request: Request, merchant: Writer, body: Spending, key: Key) -> Document:
    """An order takes points, the earliest expiry first."""
    asked = keyed(request, merchant, operation="points.spend", asked=(key, body))
    who, order = (body.programme, body.identifier), Order(merchant, body.order)
    points = request.app.state.quanyu.points
    return as_json(granted(points.spend(asked, who, order=order, points=body.points)))


@router.post("/cancel")
def cancel(request: Request, merchant: Writer, body: Cancelling, key: Key) -> Document:
    """Points of a spend go back to the lots they came from; `gone` says which came too late."""
    asked = keyed(request, merchant, operation="points.cancel", asked=(key, body))
    order, points = Order(merchant, body.order), request.app.state.quanyu.points
    done = points.cancel(asked, body.programme, order=order, points=body.points)
    return as_json(granted(done))


@router.post("/refund")
def refund(request: Request, merchant: Writer, body: Refunding, key: Key) -> Document:
    """Cash of an order went back: what it had earned is taken back, or owed."""
    asked = keyed(request, merchant, operation="points.refund", asked=(key, body))
    order, points = Order(merchant, body.order), request.app.state.quanyu.points
    return as_json(granted(points.refund(asked, body.programme, order=order, cash_fen=body.cash)))


@router.post("/transfer")
def transfer(request: Request, merchant: Writer, body: Giving, key: Key) -> Document:
    """Points go to another member and keep their end."""
    asked = keyed(request, merchant, operation="points.transfer", asked=(key, body))
    who, points = (body.programme, body.identifier), request.app.state.quanyu.points
    return as_json(granted(points.transfer(asked, who, to=body.to, points=body.points)))


@router.post("/freeze")
def freeze(request: Request, merchant: Writer, body: Freezing, key: Key) -> Document:
    """A frozen member earns, and neither spends nor gives away."""
    asked = keyed(request, merchant, operation="points.freeze", asked=(key, body))
    loyalty = request.app.state.quanyu.loyalty
    done = loyalty.freeze(asked, body.programme, identifier=body.identifier, frozen=body.frozen)
    return as_json(granted(done))
