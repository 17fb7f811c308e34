"""POST /v1/redemptions: a till waits, so it is decoded by hand and grouped with its neighbours."""

from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response

from quanyu.errors import Refused
from quanyu.interfaces.api.auth import authenticated
from quanyu.interfaces.api.landing import landing
from quanyu.interfaces.api.money_doors import key_of, refused, said
from quanyu.interfaces.api.uploads import allowance, body_of
from quanyu.promotions.coupons.forms import read_form
from quanyu.promotions.coupons.service import answer_json

if TYPE_CHECKING:
    from quanyu.wiring import Engine

PATH = "/v1/redemptions"
BODY_BYTES_MAX = 256 * 1024
"""A bill of a thousand lines."""


async def redeem(request: Request) -> Response:
    """By the code of the customer's screen, a printed code, or the coupon's id. Answers with the
    discount in fen when it is durable. Scope: redemptions:write."""
    merchant = await authenticated(request, "redemptions:write")
    key = key_of(request)
    engine: Engine = request.app.state.quanyu
    with allowance(request).room() as room:
        body = await body_of(request, room, bytes_max=BODY_BYTES_MAX)
    sent = engine.coupons.submit(merchant, "redeem", form=read_form(body), request=key)
    outcome = sent if isinstance(sent, Refused) else await landing(request.app.state).of(sent)
    if isinstance(outcome, Refused):
        return refused(outcome).response
    return said(answer_json(outcome))
