"""What the doors of money share: the key of a request, and how an expected no is answered."""

from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import Header, Path, Request
from starlette.responses import Response

from quanyu.errors import BadInput, Refused
from quanyu.events import requests
from quanyu.interfaces.api.auth import authenticate
from quanyu.interfaces.api.problems import Problem
from quanyu.interfaces.refusals import figures, mend_of
from quanyu.promotions.pricing.offers import Offer

T = TypeVar("T")
KEY = "idempotency-key"
Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=requests.KEY_MAX,
        description="One per intent; a retry sends the same one and gets the same answer.",
    ),
]
PathId = Annotated[str, Path(pattern=r"^[^\x00]+$")]
"""An id inside an address; nothing has one with U+0000."""
STATUS = {
    "order_not_found": 404, "voucher_not_found": 404, "use_not_found": 404, "not_found": 404,
    "order_without_instalments": 404,
    "key_used_for_another_request": 422, "too_fast": 429,
}  # fmt: skip
"""Every other reason is a state that does not allow it: 409."""
_encode = msgspec.json.Encoder().encode


async def raw_body(request: Request) -> bytes:
    return await request.body()


def key_of(request: Request) -> str:
    """Of a route that is decoded by hand. Raises BadInput."""
    key = request.headers.get(KEY, "")
    if not key:
        raise BadInput("Idempotency-Key", "send the header with a key of your own, one per intent")
    return key


def may_bill(request: Request, offer: Offer) -> None:
    """The platform pays only where its operator has given a key for it. Raises Problem 403."""
    if offer.platform_percent:
        authenticate(request, "subsidies:write")


def asked(merchant: str, operation: str, *, key: str, content: Any) -> requests.Request:
    return requests.Request(merchant, operation, key, msgspec.json.encode(content))


def refused(no: Refused) -> Problem:
    """The reason as the code, in words with the figures, and what to do."""
    message = f"Refused: {no.reason.replace('_', ' ')}{figures(no)}."
    return Problem(STATUS.get(no.reason, 409), no.reason, message, mend=mend_of(no))


def granted(outcome: T | Refused) -> T:
    """Raises Problem for a refusal."""
    if isinstance(outcome, Refused):
        raise refused(outcome)
    return outcome


def said(document: Any) -> Response:
    return Response(_encode(document), media_type="application/json")
