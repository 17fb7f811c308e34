"""Routes of identity. Identifiers travel in bodies: addresses end up in logs."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Request
from pydantic import BaseModel, ConfigDict, Field

from quanyu.customers.identity.answers import Edge, Refused
from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.problems import Problem

router = APIRouter(prefix="/v1", tags=["identity"])
Reader = Annotated[str, Depends(require("persons:read"))]
Writer = Annotated[str, Depends(require("persons:write"))]
Document = dict[str, Any]
Name = Annotated[str, Field(min_length=1, max_length=300)]


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Link(Body):
    """Two identifiers such as taobao_id:543462 and phone:13800138001."""

    between: Annotated[list[Name], Field(min_length=2, max_length=2)]
    rule: Name = "login"
    actor: Name = "api"
    evidence: dict[str, str] = Field(default_factory=dict, max_length=16)


class Decision(Body):
    edge: Name
    actor: Name = "api"
    reason: str = Field(default="", max_length=500)


class Review(Decision):
    decision: Literal["accept", "reject"]


class Who(Body):
    identifier: Name


@router.post("/person/links")
def link(request: Request, merchant: Writer, body: Link) -> Document:
    """Says that two identifiers are one customer's; answers with the edge and what became of it."""
    one, other = body.between
    edge = request.app.state.quanyu.identity.link(
        merchant, (one, other), rule=body.rule, actor=body.actor, evidence=body.evidence
    )
    return dict(edge.as_json())


@router.post("/person/unlink")
def unlink(request: Request, merchant: Writer, body: Decision) -> Document:
    """Retracts an edge: people become what they would be without it."""
    identity = request.app.state.quanyu.identity
    return done(identity.unlink(merchant, body.edge, actor=body.actor, reason=body.reason))


@router.post("/person/edges")
def edges(request: Request, merchant: Reader, who: Who) -> list[Document]:
    """Every edge at a customer, with its ledger lines."""
    found = request.app.state.quanyu.identity.edges(merchant, who.identifier)
    return [edge.as_json() for edge in found]


@router.get("/identity/review")
def review(request: Request, merchant: Reader) -> list[Document]:
    """Edges that wait for a decision."""
    return [edge.as_json() for edge in request.app.state.quanyu.identity.review(merchant)]


@router.post("/identity/review")
def decide(request: Request, merchant: Writer, body: Review) -> Document:
    """Accepts or rejects an edge that waits."""
    identity = request.app.state.quanyu.identity
    carry_out = identity.accept_review if body.decision == "accept" else identity.reject_review
    return done(carry_out(merchant, body.edge, actor=body.actor, reason=body.reason))


def done(outcome: Edge | Refused) -> Document:
    if isinstance(outcome, Refused):
        raise Problem(409, outcome.reason.value, "The edge stays as it is.", "edge", outcome.mend)
    return outcome.as_json()
