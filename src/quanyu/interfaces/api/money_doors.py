"""What the doors of money share: the key of a request, and how an expected no is answered."""

from typing import Annotated, Any, TypeVar

import msgspec
from fastapi import Header, Path, Request

from quanyu.errors import Refused
from quanyu.events import requests
from quanyu.interfaces.api.problems import Problem

T = TypeVar("T")
IdempotencyKey = Annotated[
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
MISSING = {
    "order_not_found", "order_without_instalments", "voucher_not_found", "use_not_found",
    "not_found",
}  # fmt: skip


async def raw_body(request: Request) -> bytes:
    return await request.body()


def asked(merchant: str, operation: str, *, key: str, content: Any) -> requests.Request:
    return requests.Request(merchant, operation, key, msgspec.json.encode(content))


def granted(outcome: T | Refused) -> T:
    """Raises Problem 404 or 409 with the reason, and what there is and what it takes."""
    if not isinstance(outcome, Refused):
        return outcome
    status = 404 if outcome.reason in MISSING else 409
    figures = {"have": outcome.have, "need": outcome.need}
    parts = [f"{name} {figure}" for name, figure in figures.items() if figure is not None]
    message = outcome.reason.replace("_", " ") + (f" ({', '.join(parts)})" if parts else "")
    raise Problem(status, outcome.reason, message)
