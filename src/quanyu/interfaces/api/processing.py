"""Routes for what is done with personal data: may it be sent, assessments, the register, minors."""

from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from quanyu.clock import parse_iso
from quanyu.customers.privacy.assessments import Assessment, states_json
from quanyu.customers.privacy.register_answers import fields
from quanyu.customers.privacy.sending import wish_of
from quanyu.errors import BadInput, Refused
from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.profiles import Document, Who
from quanyu.interfaces.refusals import mend_of

router = APIRouter(tags=["privacy"])
Reader = Annotated[str, Depends(require("persons:read"))]
Writer = Annotated[str, Depends(require("privacy:write"))]


class Asked(Who):
    """What somebody wants to send."""

    channel: str = Field(max_length=16)
    purpose: str = Field(default="marketing_messages", max_length=64)
    recipient: str = Field(default="", max_length=64)
    personalised: bool = False


class Silence(Who):
    channel: str = Field(max_length=16)
    reason: str = Field(default="unsubscribed", max_length=16)
    actor: str = Field(default="customer", max_length=64)


class Opened(Who):
    channel: str = Field(max_length=16)


class Report(BaseModel):
    """An impact assessment as it is filed."""

    model_config = ConfigDict(extra="forbid")
    id: str = Field(max_length=64)
    subject: str = Field(max_length=4000)
    features: list[str] = Field(max_length=16)
    risks: str = Field(max_length=4000)
    measures: str = Field(max_length=4000)
    approver: str = Field(max_length=128)
    valid_until: str = Field(max_length=40)


@router.post("/v1/person/permit")
def permit(request: Request, merchant: Writer, asked: Asked) -> Document:
    """May it be sent to this person now? Good for the moment: ask before each message."""
    wish = wish_of(
        asked.channel,
        asked.purpose,
        recipient=asked.recipient,
        personalised=asked.personalised,
    )
    engine = request.app.state.quanyu
    token = engine.privacy.token(merchant, asked.identifier)
    answer = engine.sending.ask(merchant, token, wish=wish)
    if isinstance(answer, Refused):
        return {"permitted": False, "reason": answer.reason, "mend": mend_of(answer)}
    told: Document = answer.as_json()
    return told


@router.post("/v1/person/suppress")
def suppress(request: Request, merchant: Writer, silence: Silence) -> Document:
    """Send nothing to this person on a channel, or on all (`*`); in force when it answers."""
    engine = request.app.state.quanyu
    token = engine.privacy.token(merchant, silence.identifier)
    said = (silence.reason, silence.actor)
    engine.sending.suppress(merchant, token, channel=silence.channel, said=said)
    return {"channel": silence.channel, "suppressed": True}


@router.post("/v1/person/lift")
def lift(request: Request, merchant: Writer, opened: Opened) -> Document:
    """Open a channel again; consent is still asked before each message."""
    engine = request.app.state.quanyu
    token = engine.privacy.token(merchant, opened.identifier)
    return {"lifted": engine.sending.lift(merchant, token, channel=opened.channel)}


@router.get("/v1/privacy/features")
def features(request: Request, merchant: Reader) -> list[Document]:
    """What needs an impact assessment, and whether it is on. The operator switches it on."""
    engine = request.app.state.quanyu
    return states_json(engine.assessments.switches(), engine.clock.now_us())


@router.get("/v1/privacy/assessments")
def assessments(request: Request, merchant: Reader) -> list[Document]:
    """Impact assessments, newest first."""
    engine = request.app.state.quanyu
    return [one.as_json(engine.clock.now_us()) for one in engine.assessments.all()]


@router.get("/v1/privacy/assessments/{number}")
def assessment(request: Request, number: str, merchant: Reader) -> Document:
    engine = request.app.state.quanyu
    told: Document = engine.assessments.get(number).as_json(engine.clock.now_us())
    return told


@router.post("/v1/privacy/assessments")
def file_assessment(request: Request, merchant: Writer, report: Report) -> Document:
    """File an impact assessment; it is never changed. Switching on is the operator's."""
    engine = request.app.state.quanyu
    given = report.model_dump(exclude={"valid_until", "features"})
    draft = Assessment(
        **given,
        features=tuple(report.features),
        valid_until_us=moment(report.valid_until),
        filed_by=merchant,
    )
    told: Document = engine.assessments.file(draft).as_json(engine.clock.now_us())
    return told


def moment(text: str) -> int:
    """ISO 8601 with offset. Raises BadInput."""
    try:
        return parse_iso(text)
    except (ValueError, OverflowError):
        raise BadInput("valid_until", "write a time such as 2027-11-30T00:00:00+08:00") from None


@router.get("/v1/privacy/register")
def register(request: Request, merchant: Reader) -> list[Document]:
    """Every stored field that concerns a person: class, purpose, term, erasure, copy."""
    return fields(request.app.state.quanyu.terms)


@router.get("/v1/privacy/minors")
def minors(request: Request, merchant: Reader, year: int | None = None) -> dict[str, Any]:
    """The yearly account of how minors were treated."""
    report = request.app.state.quanyu.minors.report(merchant, year)
    return {**msgspec.to_builtins(report), "faults": list(report.faults)}
