"""Routes under /v1/audiences."""

import csv
import io
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Body, Depends, Query, Request
from starlette.responses import Response

from quanyu.customers.audiences.decode import parse_definition
from quanyu.customers.audiences.ports import Audience
from quanyu.customers.audiences.service import AudienceService
from quanyu.errors import BadInput
from quanyu.interfaces.api.auth import may, require
from quanyu.measurement.disclosure import Veil

router = APIRouter(prefix="/v1/audiences", tags=["audiences"])
Reader = Annotated[str, Depends(require("audiences:read"))]
Writer = Annotated[str, Depends(require("audiences:write"))]
Exporter = Annotated[str, Depends(require("persons:read"))]


def service(request: Request) -> AudienceService:
    found: AudienceService = request.app.state.quanyu.audiences
    return found


Service = Annotated[AudienceService, Depends(service)]
Told = Callable[..., int]


def told(request: Request, merchant: str) -> Told:
    """How many people are told: exactly to who may read persons, else as of a group."""
    if may(request, "persons:read"):
        return lambda people, *question: people
    return veil_of(request).of("audience", merchant).at_least


def told_reader(request: Request, merchant: Reader) -> Told:
    return told(request, merchant)


def told_writer(request: Request, merchant: Writer) -> Told:
    return told(request, merchant)


def veil_of(request: Request) -> Veil:
    found: Veil = request.app.state.quanyu.group_veil
    return found


Group = Annotated[Told, Depends(told_reader)]
GroupOfWriter = Annotated[Told, Depends(told_writer)]


async def raw_body(request: Request) -> bytes:
    return await request.body()


Raw = Annotated[bytes, Depends(raw_body)]
DEFINITION = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}


@router.get("")
def audiences(merchant: Reader, service: Service, group: Group) -> list[dict[str, Any]]:
    """All audiences with their people now."""
    return [document(one, group) for one in service.list(merchant)]


@router.post("/estimate", openapi_extra=DEFINITION)
def estimate(
    request: Request, merchant: Reader, service: Service, raw: Raw, group: Group
) -> dict[str, Any]:
    """How many people a definition would have; nothing is kept. Who may read persons gets the
    exact number and a masked sample, others a multiple of k that is reached at least."""
    definition = parse_definition(raw)
    found = service.estimate(merchant, definition)
    if may(request, "persons:read"):
        return {"people": found.people, "exact": found.exact, "sample": list(found.sample)}
    people = group(found.people, "estimate", json_of(definition))
    return {"people": people, "exact": False, "sample": [], "k": veil_of(request).k}


@router.post("/combine")
def combine(
    merchant: Reader,
    service: Service,
    operation: Annotated[str, Body()],
    audiences: Annotated[list[str], Body()],
    group: Group,
) -> dict[str, Any]:
    """People in the union, the intersection, or the first minus the others."""
    found = service.combine(merchant, operation, names=audiences)
    people = group(found, "combine", operation, json_of(audiences))
    return {"operation": operation, "audiences": audiences, "people": people}


@router.get("/tiers")
def tiers(merchant: Reader, service: Service, group: Group) -> dict[str, dict[str, int]]:
    """Lifecycle tiers and RFM segments of everybody."""
    found = {"lifecycle": service.lifecycle(merchant), "rfm": service.rfm(merchant)}
    return {
        cut: {label: group(people, cut, label) for label, people in parts.items()}
        for cut, parts in found.items()
    }


@router.get("/{name}")
def audience(name: str, merchant: Reader, service: Service, group: Group) -> dict[str, Any]:
    return document(service.get(merchant, name), group)


def document(audience: Audience, group: Told) -> dict[str, Any]:
    """With its people as the caller may know them."""
    people = group(audience.people, "count", audience.name)
    return audience.as_json() | {"people": people}


def json_of(question: Any) -> str:
    """The same text for the same question."""
    return msgspec.json.encode(question, order="deterministic").decode()


@router.put("/{name}", openapi_extra=DEFINITION)
def put(
    name: str,
    merchant: Writer,
    service: Service,
    raw: Raw,
    group: GroupOfWriter,
    version: int | None = None,
) -> dict[str, Any]:
    """Create, or change to the next version. The body is the definition."""
    definition = parse_definition(raw)
    made = service.create(merchant, name, definition=definition, version=version)
    return document(made, group)


@router.delete("/{name}")
def delete(name: str, merchant: Writer, service: Service) -> dict[str, str]:
    """Refused while another audience refers to it."""
    service.delete(merchant, name)
    return {"deleted": name}


@router.get("/{name}/count")
def count(name: str, merchant: Reader, service: Service, group: Group) -> dict[str, Any]:
    return {"audience": name, "people": group(service.count(merchant, name), "count", name)}


@router.post("/{name}/explain")
def explain(
    name: str, merchant: Exporter, service: Service, identifier: Annotated[str, Body(embed=True)]
) -> Any:
    """Why somebody is in, or not. ``identifier`` is kind:value, in the body: URLs are logged."""
    return msgspec.to_builtins(service.explain(merchant, name, identifier=identifier))


@router.get("/{name}/members")
def members(
    name: str,
    merchant: Exporter,
    service: Service,
    format: str = "json",
    purpose: str = "marketing_messages",
    recipient: str = "",
) -> Response:
    """Public ids of the members whose data may be used for the purpose; to share them, of those
    who said yes to this recipient."""
    if format not in ("csv", "json"):
        raise BadInput("format", "use csv or json")
    people = list(service.members(merchant, name, purpose=purpose, recipient=recipient))
    if format == "csv":
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows([["person"], *([p] for p in people)])
        return Response(text.getvalue(), media_type="text/csv; charset=utf-8")
    document = {"audience": name, "purpose": purpose, "people": people}
    return Response(msgspec.json.encode(document), media_type="application/json")


@router.get("/{name}/lookalike")
def lookalike(
    name: str,
    merchant: Exporter,
    service: Service,
    size: Annotated[int, Query(ge=1, le=1_000_000)] = 1000,
    random_seed: Annotated[int, Query(ge=0)] = 0,
) -> Any:
    """People outside the audience who look like it, best first, with the model's AUC."""
    found = service.lookalike(merchant, name, size=size, random_seed=random_seed)
    return msgspec.to_builtins(found)
