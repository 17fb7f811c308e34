"""Commands of offers and coupons over HTTP: their key, and how a no is answered."""

from typing import Annotated, Any

import msgspec
from fastapi import Header
from starlette.requests import Request
from starlette.responses import Response

from quanyu.errors import BadInput, Refused
from quanyu.events.requests import KEY_MAX, Conflict
from quanyu.interfaces.api.problems import Problem
from quanyu.promotions.coupons.refusals import Reason

KEY = "idempotency-key"
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key", min_length=1, max_length=KEY_MAX,
        description="One per intent: a retry sends the same one and gets the same answer.",
    ),
]  # fmt: skip
STATUS: dict[str, int] = {
    Reason.NOT_FOUND: 404,
    Reason.TOO_FAST: 429,
    Conflict.KEY_USED_FOR_ANOTHER_REQUEST: 422,
}
"""Every other reason is a state that does not allow it: 409."""
_encode = msgspec.json.Encoder().encode


def key_of(request: Request) -> str:
    """Of a route that is decoded by hand."""
    key = request.headers.get(KEY, "")
    if not key:
        raise BadInput("Idempotency-Key", "send the header with a key of your own, one per intent")
    return key


def refused(no: Refused) -> Problem:
    """``have`` and ``need`` stand in the message: amounts are fen."""
    reason = str(no.reason)
    figures = "" if no.need is None else f" (have {no.have or 0}, need {no.need})"
    message = f"Refused: {reason.replace('_', ' ')}{figures}."
    return Problem(STATUS.get(reason, 409), reason, message)


def said(document: Any) -> Response:
    return Response(_encode(document), media_type="application/json")
