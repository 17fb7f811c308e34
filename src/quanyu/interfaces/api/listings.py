"""Routes of the catalogue: items and stores. A write that says the same again changes nothing."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query, Request

from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import PathId, raw_body
from quanyu.interfaces.api.orders import ANY
from quanyu.merchants.listings.catalogue import Catalogue, listing_of
from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.ports import Entry
from quanyu.merchants.listings.store import Store
from quanyu.strict import decoded

router = APIRouter(prefix="/v1", tags=["catalogue"])
Reader = Annotated[str, Depends(require("items:read"))]
Writer = Annotated[str, Depends(require("items:write"))]
Raw = Annotated[bytes, Depends(raw_body)]
After = Annotated[str, Query(max_length=64, description="The last id of the page before.")]
Limit = Annotated[int, Query(ge=1, le=1000)]
Document = dict[str, Any]


def listings_of(request: Request) -> Catalogue[Any]:
    found: Catalogue[Any] = request.app.state.quanyu.listings
    return found


@router.put("/items/{item}", openapi_extra=ANY)
def put_item(request: Request, item: PathId, merchant: Writer, raw: Raw) -> Document:
    """docs/merchants.md says the fields. What its page shows passes the gate."""
    return put_one(request, merchant, form=Item, said=(item, raw))


@router.get("/items/{item}")
def show_item(request: Request, item: PathId, merchant: Reader) -> Document:
    """As it was written."""
    found: Document = msgspec.to_builtins(listings_of(request).find(merchant, Item, id=item))
    return found


@router.post("/items", openapi_extra=ANY)
def put_items(request: Request, merchant: Writer, raw: Raw) -> Document:
    """An array of up to 1,000: all of them, or none."""
    return put_many(request, merchant, form=Item, raw=raw)


@router.get("/items")
def list_items(
    request: Request, merchant: Reader, after: After = "", limit: Limit = 100
) -> list[Document]:
    """By id."""
    return page(request, merchant, form=Item, after=(after, limit))


@router.put("/stores/{store}", openapi_extra=ANY)
def put_store(request: Request, store: PathId, merchant: Writer, raw: Raw) -> Document:
    """docs/merchants.md says the fields. What its page shows passes the gate."""
    return put_one(request, merchant, form=Store, said=(store, raw))


@router.get("/stores/{store}")
def show_store(request: Request, store: PathId, merchant: Reader) -> Document:
    """As it was written."""
    found: Document = msgspec.to_builtins(listings_of(request).find(merchant, Store, id=store))
    return found


@router.post("/stores", openapi_extra=ANY)
def put_stores(request: Request, merchant: Writer, raw: Raw) -> Document:
    """An array of up to 1,000: all of them, or none."""
    return put_many(request, merchant, form=Store, raw=raw)


@router.get("/stores")
def list_stores(
    request: Request, merchant: Reader, after: After = "", limit: Limit = 100
) -> list[Document]:
    """By id."""
    return page(request, merchant, form=Store, after=(after, limit))


def put_one(
    request: Request, merchant: str, *, form: type[Entry], said: tuple[str, bytes]
) -> Document:
    """``said``: (id of the address, body)."""
    id, raw = said
    document = decoded(raw, dict[str, Any], name=form.KIND)
    made = listing_of({**document, "id": id}, form)
    listings_of(request).put(merchant, [made], place=form.KIND)
    told: Document = msgspec.to_builtins(made)
    return told


def put_many(request: Request, merchant: str, *, form: type[Entry], raw: bytes) -> Document:
    place = f"{form.KIND}s"
    trees = decoded(raw, list[Any], name=place)
    made = [listing_of(tree, form, place=f"{place}[{n}]") for n, tree in enumerate(trees)]
    told: Document = msgspec.to_builtins(listings_of(request).put(merchant, made, place=place))
    return told


def page(
    request: Request, merchant: str, *, form: type[Entry], after: tuple[str, int]
) -> list[Document]:
    found = listings_of(request).page(merchant, form, after=after[0], limit=after[1])
    return [msgspec.to_builtins(one) for one in found]
