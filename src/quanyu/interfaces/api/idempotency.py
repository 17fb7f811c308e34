"""The Idempotency-Key of requests that change something, and how their no is answered."""

from typing import Annotated, Any, TypeVar

from fastapi import Header, Request
from pydantic import BaseModel

from quanyu.events import requests
from quanyu.interfaces.api.problems import Problem
from quanyu.promotions.flash_sales import sales
from quanyu.promotions.loyalty.refusals import Refused
from quanyu.promotions.requesting import request_for

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=requests.KEY_MAX,
        description="One per intent: a retry sends the same one and gets the same answer.",
    ),
]
T = TypeVar("T")
ABSENT = {sales.Reason.NOT_FOUND: 404}


def keyed(request: Request, merchant: str, *, operation: str, asked: tuple[str, BaseModel]) -> Any:
    """``asked``: (key, body)."""
    key, body = asked
    tokeniser = request.app.state.quanyu.tokeniser(merchant)
    content = body.model_dump(mode="json")
    return request_for(merchant, operation, key=key, body=content, tokeniser=tokeniser)


def granted(outcome: "T | Refused | sales.Refused") -> T:
    """The answer, or the refusal as a problem: a state that does not allow it is a conflict."""
    if isinstance(outcome, Refused):
        raise Problem(409, outcome.reason.value, said(outcome), mend=outcome.mend)
    if isinstance(outcome, sales.Refused):
        raise Problem(ABSENT.get(outcome.reason, 409), outcome.reason.value, said(outcome))
    return outcome


def said(refused: Refused | sales.Refused) -> str:
    words = refused.reason.value.replace("_", " ")
    if refused.need is None:
        return f"Not done: {words}."
    return f"Not done: {words} (have {refused.have or 0}, need {refused.need})."
