"""Routes under /v1/audiences."""

import csv
import io
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter, Body, Depends, Query, Request
from starlette.responses import Response

from quanyu.customers.audiences.decode import parse_definition
from quanyu.customers.audiences.service import AudienceService
from quanyu.errors import BadInput
from quanyu.interfaces.api.auth import require

router = APIRouter(prefix="/v1/audiences", tags=["audiences"])
Reader = Annotated[str, Depends(require("audiences:read"))]
Writer = Annotated[str, Depends(require("audiences:write"))]
Exporter = Annotated[str, Depends(require("persons:read"))]


def service(request: Request) -> AudienceService:
    found: AudienceService = request.app.state.quanyu.audiences
    return found


Service = Annotated[AudienceService, Depends(service)]


async def raw_body(request: Request) -> bytes:
    return await request.body()


Raw = Annotated[bytes, Depends(raw_body)]
DEFINITION = {"requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}}


@router.get("")
def audiences(merchant: Reader, service: Service) -> list[dict[str, Any]]:
    """All audiences with their people now."""
    return [one.as_json() for one in service.list(merchant)]


@router.post("/estimate", openapi_extra=DEFINITION)
def estimate(merchant: Reader, service: Service, raw: Raw) -> dict[str, Any]:
    """How many people a definition would have, and a masked sample; nothing is kept."""
    found = service.estimate(merchant, parse_definition(raw))
    return {"people": found.people, "exact": found.exact, "sample": list(found.sample)}


@router.post("/combine")
def combine(
    merchant: Reader,
    service: Service,
    operation: Annotated[str, Body()],
    audiences: Annotated[list[str], Body()],
) -> dict[str, Any]:
    """People in the union, the intersection, or the first minus the others."""
    people = service.combine(merchant, operation, names=audiences)
    return {"operation": operation, "audiences": audiences, "people": people}


@router.get("/tiers")
def tiers(merchant: Reader, service: Service) -> dict[str, dict[str, int]]:
    """Lifecycle tiers and RFM segments of everybody."""
    return {"lifecycle": service.lifecycle(merchant), "rfm": service.rfm(merchant)}


@router.get("/{name}")
def audience(name: str, merchant: Reader, service: Service) -> dict[str, Any]:
    return service.get(merchant, name).as_json()


@router.put("/{name}", openapi_extra=DEFINITION)
def put(
    name: str, merchant: Writer, service: Service, raw: Raw, version: int | None = None
) -> dict[str, Any]:
    """Create, or change to the next version. The body is the definition."""
    definition = parse_definition(raw)
    return service.create(merchant, name, definition=definition, version=version).as_json()


@router.delete("/{name}")
def delete(name: str, merchant: Writer, service: Service) -> dict[str, str]:
    """Refused while another audience refers to it."""
    service.delete(merchant, name)
    return {"deleted": name}


@router.get("/{name}/count")
def count(name: str, merchant: Reader, service: Service) -> dict[str, Any]:
    return {"audience": name, "people": service.count(merchant, name)}


@router.post("/{name}/explain")
def explain(
    name: str, merchant: Reader, service: Service, identifier: Annotated[str, Body(embed=True)]
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
    merchant: Reader,
    service: Service,
    size: Annotated[int, Query(ge=1, le=1_000_000)] = 1000,
    random_seed: Annotated[int, Query(ge=0)] = 0,
) -> Any:
    """People outside the audience who look like it, best first, with the model's AUC."""
    found = service.lookalike(merchant, name, size=size, random_seed=random_seed)
    return msgspec.to_builtins(found)
