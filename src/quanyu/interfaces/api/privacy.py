"""Routes for what customers may say about their data."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field

from quanyu.customers.privacy.answers import consents_json, ledger_json
from quanyu.customers.privacy.purposes import purpose_named
from quanyu.customers.privacy.sending import recipient_of
from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.profiles import Document, Who, found

router = APIRouter(prefix="/v1/person", tags=["privacy"])
Reader = Annotated[str, Depends(require("persons:read"))]
Writer = Annotated[str, Depends(require("privacy:write"))]


class Word(Who):
    """A yes or a no."""

    purpose: str = Field(max_length=64)
    actor: str = Field(default="customer", max_length=64)
    recipient: str = Field(default="", max_length=64)
    """Who receives the data: a yes to sharing is to one recipient (PIPL 23)."""


class Switch(Who):
    on: bool
    actor: str = Field(default="customer", max_length=64)


def about(word: Word) -> str:
    """The recipient, if there is one. Raises BadInput where there cannot be one."""
    purpose = purpose_named(word.purpose)
    return recipient_of(purpose, word.recipient) if word.recipient else ""


def answer(request: Request, subject: Any) -> Document:
    at_us = request.app.state.quanyu.clock.now_us()
    return {"consents": consents_json(subject, at_us), "ledger": ledger_json(subject)}


@router.post("/consents")
def show_consents(request: Request, merchant: Reader, who: Who) -> Document:
    """Every purpose with the answer for this person, and the ledger."""
    privacy = request.app.state.quanyu.privacy
    return answer(request, privacy.known_subject(merchant, who.identifier))


@router.post("/consents/grant")
def grant_consent(request: Request, merchant: Writer, word: Word) -> Document:
    """Note a yes to the notice in force; to share, to the recipient that is named."""
    privacy, who = request.app.state.quanyu.privacy, word.identifier
    if recipient := about(word):
        subject = privacy.share(merchant, who, recipient=recipient, actor=word.actor)
    else:
        subject = privacy.grant(merchant, who, purpose=word.purpose, actor=word.actor)
    return answer(request, subject)


@router.post("/consents/withdraw")
def withdraw_consent(request: Request, merchant: Writer, word: Word) -> Document:
    """Note a no; it counts at once, for sharing without a recipient towards everybody."""
    privacy, who = request.app.state.quanyu.privacy, word.identifier
    if recipient := about(word):
        subject = privacy.unshare(merchant, who, recipient=recipient, actor=word.actor)
    else:
        subject = privacy.withdraw(merchant, who, purpose=word.purpose, actor=word.actor)
    return answer(request, subject)


@router.post("/personalisation")
def switch_personalisation(request: Request, merchant: Writer, switch: Switch) -> Document:
    """The off switch; off deletes all tags at once."""
    privacy = request.app.state.quanyu.privacy
    subject = privacy.personalise(merchant, switch.identifier, on=switch.on, actor=switch.actor)
    return {"off_switch": privacy.is_off(subject)}


@router.post("/export")
def export_person(request: Request, merchant: Reader, who: Who) -> Document:
    """Everything held of a person."""
    return dict(found(request.app.state.quanyu.copies.of(merchant, who.identifier)))


@router.post("/erase")
def erase_person(request: Request, merchant: Writer, who: Who) -> Document:
    """Erase a person and all linked identifiers, everywhere. Answers with the receipt."""
    return dict(found(request.app.state.quanyu.privacy.erase(merchant, who.identifier)).as_json())
