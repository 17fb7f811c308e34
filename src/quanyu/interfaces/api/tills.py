"""Routes of tills that may be without a network: devices, passes, and what they tell afterwards."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from quanyu.errors import Refused
from quanyu.events import requests
from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import Key, refused
from quanyu.promotions.coupons.back_online import ENTRIES_MAX, read_entries
from quanyu.promotions.coupons.offline import SEQUENCE_MAX
from quanyu.promotions.coupons.passes import TEXT_MAX

router = APIRouter(tags=["coupons"])
Reader = Annotated[str, Depends(require("coupons:read"))]
Writer = Annotated[str, Depends(require("coupons:write"))]
Till = Annotated[str, Depends(require("redemptions:write"))]
Document = dict[str, Any]
Store = Annotated[str, Path(min_length=1, max_length=128)]
Device = Annotated[str, Path(min_length=1, max_length=128)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Wanted(Body):
    coupon: str = Field(min_length=1, max_length=128)
    identifier: str = Field(max_length=300)
    ttl: str | None = Field(default=None, min_length=1, max_length=20)


Word = Annotated[str, Field(min_length=1, max_length=128)]


class Line(Body):
    item: Word
    quantity: int = Field(ge=1, le=10_000)
    list_price: int = Field(ge=0, le=10**11)
    category: str = Field(default="", max_length=128)
    flags: list[Word] = Field(default=[], max_length=100)


class Entry(Body):
    """A line of a journal, as the till signed it."""

    sequence: int = Field(ge=1, le=SEQUENCE_MAX)
    device: Word
    text: str = Field(alias="pass", max_length=TEXT_MAX)
    amount: int = Field(ge=1, le=10**15)
    discount: int = Field(ge=0, le=10**15)
    at_us: int = Field(ge=0, le=10**16)
    previous: str = Field(max_length=64)
    lines: list[Line] = Field(default=[], max_length=1000)
    virtual: bool = False
    signature: str = Field(max_length=100)


class Journal(Body):
    """Lines of a till's journal, in their order."""

    entries: list[Entry] = Field(min_length=1, max_length=ENTRIES_MAX)


@router.post("/v1/stores/{store}/devices")
def add_device(request: Request, merchant: Writer, key: Key, store: Store) -> Document:
    """What the till needs: its secret is told in this answer, and to nobody else. Keep it there."""
    asked = requests.Request(merchant, "device.add", key, store.encode())
    kit = request.app.state.quanyu.devices.add(asked, store)
    if isinstance(kit, Refused):
        raise refused(kit)
    found: Document = msgspec.to_builtins(kit)
    return found


@router.get("/v1/stores/{store}/devices")
def list_devices(request: Request, merchant: Reader, store: Store) -> list[Document]:
    return [one.as_json() for one in request.app.state.quanyu.devices.listed(merchant, store)]


@router.post("/v1/stores/{store}/devices/{device}/revoke")
def revoke_device(
    request: Request, merchant: Writer, key: Key, store: Store, device: Device
) -> Document:
    """Nothing more is taken from it; let an honest till reconcile before."""
    content = f"{store}\0{device}".encode()
    asked = requests.Request(merchant, "device.revoke", key, content)
    done = request.app.state.quanyu.devices.revoke(asked, device, store=store)
    if isinstance(done, Refused):
        raise refused(done)
    found: Document = done.as_json()
    return found


@router.post("/v1/coupons/offline-pass")
def make_pass(request: Request, merchant: Reader, wanted: Wanted) -> Document:
    """The text of a QR that a till without a network takes; 4h by default, 12h at most."""
    made = request.app.state.quanyu.passes.pass_for(
        merchant, wanted.coupon, identifier=wanted.identifier, ttl=wanted.ttl
    )
    if isinstance(made, Refused):
        raise refused(made)
    found: Document = made.as_json()
    return found


@router.post("/v1/redemptions/offline")
def reconcile(request: Request, merchant: Till, journal: Journal) -> Document:
    """Each entry takes effect once under (device, sequence): redeemed, conflict or rejected."""
    entries = read_entries(journal.model_dump(by_alias=True, exclude_unset=True)["entries"])
    told = request.app.state.quanyu.reconciling.reconcile(merchant, entries)
    return {"entries": [one.as_json() for one in told]}
