"""Routes that put right what is known of a person (PIPL 46)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from quanyu.customers.profile.correcting import Correcting, Words
from quanyu.errors import Refused
from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import Key
from quanyu.interfaces.api.problems import Problem
from quanyu.interfaces.api.profiles import Document, Who
from quanyu.interfaces.refusals import mend_of

router = APIRouter(prefix="/v1/person", tags=["privacy"])
Reader = Annotated[str, Depends(require("persons:read"))]
Writer = Annotated[str, Depends(require("privacy:write"))]


class Wrong(Who):
    """What is not so, and what is."""

    field: str = Field(max_length=64)
    value: str | int
    actor: str = Field(default="customer", max_length=64)
    reason: str = Field(default="", max_length=200)
    proof: str = Field(default="", max_length=200)
    """Which document was seen: without it nobody stops counting as a minor."""


def service(request: Request) -> Correcting:
    found: Correcting = request.app.state.quanyu.corrections
    return found


Service = Annotated[Correcting, Depends(service)]


@router.post("/correct")
def correct(merchant: Writer, corrections: Service, wrong: Wrong, key: Key) -> Document:
    """Puts birth_year, gender or city right by an event of its own; 409 with the reason where it
    cannot be."""
    told: dict[str, Any] = wrong.model_dump(exclude={"identifier"})
    outcome = corrections.correct(merchant, wrong.identifier, words=Words(key=key, **told))
    if isinstance(outcome, Refused):
        message = "What is known of the person stays as it is."
        raise Problem(409, str(outcome.reason), message, "field", mend_of(outcome))
    return outcome.as_json()


@router.post("/corrections")
def show_corrections(merchant: Reader, corrections: Service, who: Who) -> Document:
    """Every correction of a person, newest first, with what it was before."""
    found = corrections.history(merchant, who.identifier)
    return {"corrections": [one.as_json() for one in found]}
