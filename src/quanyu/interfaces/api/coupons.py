"""Routes of coupons. Identifiers travel in bodies: addresses end up in logs."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response, StreamingResponse

from quanyu.errors import Refused
from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import Key, refused
from quanyu.interfaces.api.redeeming import PATH, redeem
from quanyu.promotions.coupons.forms import read_form
from quanyu.promotions.coupons.service import answer_json

router = APIRouter(tags=["coupons"])
Reader = Annotated[str, Depends(require("coupons:read"))]
Writer = Annotated[str, Depends(require("coupons:write"))]
Till = Annotated[str, Depends(require("redemptions:write"))]
Document = dict[str, Any]
Word = Annotated[str, Field(min_length=1, max_length=128)]
Verb = Literal[
    "issue", "claim", "bind", "gift", "accept", "take_back", "lock", "unlock", "use", "return",
    "void",
]  # fmt: skip


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Asked(Body):
    """The fields of the command; docs/coupons.md says which one takes which."""

    offer: Word | None = None
    coupon: Word | None = None
    code: Word | None = None
    identifier: str | None = Field(default=None, max_length=300)
    order: Word | None = None
    amount: int | None = Field(default=None, ge=1, le=10**15)
    store: Word | None = None
    touchpoint: str = Field(default="quanyu", min_length=1, max_length=64)
    virtual: bool = False
    ttl: Word | None = None
    gift: Word | None = None
    marks: dict[str, str] = Field(default={}, max_length=4)


class Wanted(Body):
    identifier: str | None = Field(default=None, max_length=300)
    order: Word | None = None


class Held(Body):
    coupon: Word
    identifier: str = Field(max_length=300)


class Printed(Body):
    offer: Word
    batch: Word
    pieces: int = Field(ge=1, le=1_000_000)


class Named(Body):
    batch: Word


class Undone(Body):
    coupon: Word
    store: Word


def done(request: Request, merchant: str, *, verb: str, key: str, asked: Body) -> Document:
    coupons = request.app.state.quanyu.coupons
    form = read_form(asked.model_dump(exclude_none=True, exclude_unset=True))
    outcome = coupons.act(merchant, verb, form=form, request=key)
    if isinstance(outcome, Refused):
        raise refused(outcome)
    answer = answer_json(outcome)
    if verb == "gift":
        answer["gift"] = coupons.gift_code(merchant, outcome.coupon.id, request=key)
    return answer


@router.post("/v1/coupons/find")
def find_coupons(request: Request, merchant: Reader, wanted: Wanted) -> list[Document]:
    """What a person holds and held, over all identifiers, or what is on an order."""
    coupons = request.app.state.quanyu.coupons
    if wanted.identifier is not None:
        found = coupons.of_person(merchant, wanted.identifier)
    else:
        found = coupons.of_order(merchant, wanted.order or "")
    return [dict(one.as_json()) for one in found]


@router.get("/v1/coupons/{coupon}")
def show_coupon(request: Request, merchant: Reader, coupon: str) -> Document:
    return dict(request.app.state.quanyu.coupons.find(merchant, coupon).as_json())


@router.post("/v1/coupons/shown-code")
def show_code(request: Request, merchant: Reader, held: Held) -> Document:
    """The text of the QR on the holder's screen; good for half a minute and its neighbours."""
    engine = request.app.state.quanyu
    qr = engine.coupons.shown_code(
        merchant, held.coupon, identifier=held.identifier, now_us=engine.clock.now_us()
    )
    return {"qr": qr}


@router.post("/v1/coupons/codes")
def make_codes(request: Request, merchant: Writer, printed: Printed) -> Document:
    """Anonymous printed codes; ask again with the same batch to go on after a failure."""
    form = (printed.offer, printed.pieces)
    made = request.app.state.quanyu.coupons.make_codes(merchant, printed.batch, form=form)
    if isinstance(made, Refused):
        raise refused(made)
    return {"batch": made.batch, "offer": made.offer, "pieces": made.pieces, "made": made.made}


@router.post("/v1/coupons/codes/export")
def export_codes(request: Request, merchant: Writer, named: Named) -> Response:
    """CSV: number, code, QR text."""
    lines = request.app.state.quanyu.coupons.export(merchant, named.batch)
    first = next(lines)
    return StreamingResponse(_with(first, lines), media_type="text/csv")


def _with(first: str, rest: Any) -> Any:
    yield first
    yield from rest


@router.post("/v1/coupons/{verb}")
def act_on_coupon(
    request: Request, merchant: Writer, key: Key, verb: Verb, asked: Asked
) -> Document:
    """issue, claim, bind, gift, accept, take_back, lock, unlock, use, return, void."""
    return done(request, merchant, verb=verb, key=key, asked=asked)


@router.post("/v1/redemptions/undo")
def undo_redemption(request: Request, merchant: Till, key: Key, undone: Undone) -> Document:
    """Within the window of the offer, by the store that redeemed."""
    return done(request, merchant, verb="undo", key=key, asked=undone)


router.add_api_route(
    PATH, redeem, methods=["POST"], response_model=None, summary="Redeem at a store",
    openapi_extra={
        "parameters": [
            {
                "name": "Idempotency-Key", "in": "header", "required": True,
                "schema": {"type": "string", "minLength": 1, "maxLength": 128},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {
                "type": "object", "required": ["store"],
                "properties": {
                    "coupon": {"type": "string"}, "code": {"type": "string"},
                    "amount": {"type": "integer", "minimum": 1}, "store": {"type": "string"},
                    "lines": {"type": "array", "maxItems": 1000, "items": {
                        "type": "object", "required": ["item", "quantity", "list_price"],
                        "properties": {
                            "item": {"type": "string"}, "quantity": {"type": "integer"},
                            "list_price": {"type": "integer"}, "category": {"type": "string"},
                            "flags": {"type": "array", "items": {"type": "string"}},
                        },
                    }},
                    "touchpoint": {"type": "string"}, "virtual": {"type": "boolean"},
                    "marks": {"type": "object", "additionalProperties": {"type": "string"}},
                },
            }}},
        },
    },
)  # fmt: skip
