"""Routes of live shows, from the plan to the archive, with board and commission."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request
from pydantic import BaseModel, ConfigDict, Field

from quanyu.errors import Refused
from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import Key, PathId, asked, granted, raw_body
from quanyu.interfaces.api.orders import ANY
from quanyu.interfaces.show_forms import read_happening, read_move, read_plan_form

router = APIRouter(prefix="/v1/shows", tags=["content"])
Reader = Annotated[str, Depends(require("content:read"))]
Writer = Annotated[str, Depends(require("content:write"))]
Eraser = Annotated[str, Depends(require("privacy:write"))]
Accountant = Annotated[str, Depends(require("settlement:read"))]
Raw = Annotated[bytes, Depends(raw_body)]
Document = dict[str, Any]
Move = Literal["approve", "start", "end", "archive", "cancel"]


@router.get("")
def shows(
    request: Request, merchant: Reader, days: Annotated[int, Query(ge=1, le=400)] = 7
) -> list[Document]:
    """Shows of now and of the days to come, by start."""
    found = request.app.state.quanyu.show_plans.next(merchant, days=days)
    return [one.as_json() for one in found]


@router.put("/{show}", openapi_extra=ANY)
def put(request: Request, show: PathId, merchant: Writer, raw: Raw) -> list[Document]:
    """`{"plan": …, "actor": …}`: all shows of the plan, or none. A show that says something else
    than before is to be approved again."""
    form, plan = read_plan_form(raw, show=show)
    planned = granted(request.app.state.quanyu.show_plans.plan(merchant, plan, by=form.by))
    return [one.as_json() for one in planned]


@router.get("/{show}")
def find(request: Request, show: PathId, merchant: Reader) -> Document:
    """The plan, and how far it has come."""
    found: Document = request.app.state.quanyu.show_stage.find(merchant, show).as_json()
    return found


@router.get("/{show}/checklist")
def checklist(request: Request, show: PathId, merchant: Reader) -> Document:
    """What must be in order before it starts, point by point, as of now."""
    found: Document = request.app.state.quanyu.preparing_shows.checklist(merchant, show).as_json()
    return found


@router.post("/{show}/moves/{move}", openapi_extra=ANY)
def step(
    request: Request, show: PathId, merchant: Writer, *, move: Move, key: Key, raw: Raw
) -> Document:
    """approve, start (`label` for a host made by a machine), end, archive (`recording`), cancel:
    `{"actor": …, "note"?}`. The state and the entries that it made."""
    form, engine = read_move(raw), request.app.state.quanyu
    ask = asked(merchant, f"show.{move}", key=key, content=[show, form])
    doors, airing = engine.preparing_shows, engine.airing_shows
    match move:
        case "start":
            done = airing.start(ask, show, by=form.by, label=form.label)
        case "archive":
            done = airing.archive(ask, show, by=form.by, recording=form.recording)
        case "end":
            done = airing.end(ask, show, by=form.by)
        case _:
            done = getattr(doors, move)(ask, show, by=form.by)
    return told(done)


@router.post("/{show}/log", openapi_extra=ANY)
def log(request: Request, show: PathId, merchant: Writer, *, key: Key, raw: Raw) -> Document:
    """What happens while it is live: `{"kind": "slot", "slot"}`, `{"kind": "coupon", "offer"}`,
    `{"kind": "label", "on"}`, `{"kind": "stock", "item", "pieces"}`, `{"kind": "last_chance",
    "slot"}`, `{"kind": "recording", "uri", "sha256"}`, `{"kind": "note", "text"}`."""
    happening = read_happening(raw)
    ask = asked(merchant, "show.log", key=key, content=[show, happening])
    return told(request.app.state.quanyu.airing_shows.log(ask, show, happening=happening))


@router.get("/{show}/archive")
def archive(request: Request, show: PathId, merchant: Reader) -> Document:
    """Every entry in order, and whether the chain of hashes holds."""
    entries, faults = request.app.state.quanyu.airing_shows.entries(merchant, show)
    return {"intact": not faults, "faults": faults, "entries": [one.as_json() for one in entries]}


@router.get("/{show}/board")
def board(request: Request, show: PathId, merchant: Reader) -> Document:
    """GMV, orders, CTR, redemptions, viewers, and each slot; as of now."""
    found: Document = request.app.state.quanyu.show_figures.board(merchant, show).as_json()
    return found


@router.get("/{show}/commission")
def commission(request: Request, show: PathId, merchant: Accountant) -> Document:
    """What its hosts have earned net of returns, and the postings that settle it."""
    found = request.app.state.quanyu.show_figures.commission(merchant, show)
    document: Document = found.as_json(merchant)
    return document


class Host(BaseModel):
    """Number or name."""

    model_config = ConfigDict(extra="forbid")
    host: str = Field(min_length=1, max_length=64)


@router.post("/hosts/forget")
def forget_host(request: Request, merchant: Eraser, host: Host) -> Document:
    """A stand-in takes the host's place in what is no longer kept; what is kept says until when."""
    done: Document = request.app.state.quanyu.show_hosts.forget(merchant, host.host).as_json()
    return done


def told(done: Any | Refused) -> Document:
    document: Document = granted(done).as_json()
    return document
