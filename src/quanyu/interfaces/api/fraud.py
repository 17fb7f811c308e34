"""Routes of fake trades 刷单: scans suspect orders, people decide."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import Key, PathId, asked, granted
from quanyu.measurement.fake_trades.answers import PPM, Standing
from quanyu.measurement.fake_trades.ports import Page
from quanyu.measurement.fake_trades.service import DAYS, DAYS_MAX, ORDER_MAX, FakeTrades

router = APIRouter(prefix="/v1/fraud", tags=["fraud"])
Reader = Annotated[str, Depends(require("fraud:read"))]
Writer = Annotated[str, Depends(require("fraud:write"))]
Document = dict[str, Any]


class Wanted(BaseModel):
    model_config = ConfigDict(extra="forbid")
    days: int = Field(default=DAYS, ge=1, le=DAYS_MAX)


class Signed(BaseModel):
    """Who says so, and why: both are kept."""

    model_config = ConfigDict(extra="forbid")
    actor: str = Field(min_length=1, max_length=64)
    note: str = Field(min_length=1, max_length=500)


class After(BaseModel):
    """Where the page before ended: `next` of its answer."""

    score: float | None = Field(default=None, ge=0, le=1)
    order: str = Field(default="", max_length=ORDER_MAX, pattern=r"^[^\x00]*$")


def service_of(request: Request) -> FakeTrades[Any]:
    found: FakeTrades[Any] = request.app.state.quanyu.fake_trades
    return found


@router.post("/scans")
def scan(request: Request, merchant: Writer, key: Key, wanted: Wanted) -> Document:
    """Look at the orders paid in the last days now; the night does so by itself."""
    keyed = asked(merchant, "fraud.scan", key=key, content=wanted.model_dump())
    return granted(service_of(request).scan(keyed, days=wanted.days)).as_json()


@router.get("/orders")
def orders(
    request: Request,
    merchant: Reader,
    after: Annotated[After, Depends()],
    state: Standing | None = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Document:
    """Suspected, confirmed and cleared orders by falling score, with what speaks against them."""
    place = None if after.score is None else (round(after.score * PPM), after.order)
    found = service_of(request).listed(merchant, Page(state, place, limit))
    last = found[-1] if len(found) == limit else None
    following = None if last is None else {"score": last.score_ppm / PPM, "order": last.order}
    return {"orders": [one.as_json() for one in found], "next": following}


@router.get("/orders/{order}")
def show(request: Request, merchant: Reader, order: PathId) -> Document:
    """One of them, with its history."""
    return service_of(request).show(merchant, order).as_json()


@router.post("/orders/{order}/suspect")
def suspect(
    request: Request, merchant: Writer, key: Key, order: PathId, signed: Signed
) -> Document:
    """It looks fake to a person, whatever scans say: it counts nowhere until somebody decides."""
    content = {"order": order, **signed.model_dump()}
    keyed = asked(merchant, "fraud.suspect", key=key, content=content)
    pair = (signed.actor, signed.note)
    return granted(service_of(request).suspect(keyed, order, signed=pair)).as_json()


@router.post("/orders/{order}/confirm")
def confirm(
    request: Request, merchant: Writer, key: Key, order: PathId, signed: Signed
) -> Document:
    """It is fake: it counts nowhere, and later scans leave it so."""
    return decided(request, merchant, order=order, state=Standing.CONFIRMED, said=(key, signed))


@router.post("/orders/{order}/clear")
def clear(request: Request, merchant: Writer, key: Key, order: PathId, signed: Signed) -> Document:
    """It is real: it counts again, and later scans leave it so."""
    return decided(request, merchant, order=order, state=Standing.CLEARED, said=(key, signed))


def decided(
    request: Request, merchant: str, *, order: str, state: Standing, said: tuple[str, Signed]
) -> Document:
    key, signed = said
    content = {"order": order, **signed.model_dump()}
    keyed = asked(merchant, f"fraud.{state.value}", key=key, content=content)
    pair = (signed.actor, signed.note)
    found = service_of(request).decide(keyed, order, state=state, signed=pair)
    return granted(found).as_json()
