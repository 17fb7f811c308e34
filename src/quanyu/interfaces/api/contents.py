"""Routes of the content library: pieces in versions, from a draft to people and back."""

from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Depends, Query, Request

from quanyu.content.library.service import Library
from quanyu.content.library.states import PieceState, PieceVerb
from quanyu.content.library.telling import shares_json
from quanyu.content.piece import Kind
from quanyu.errors import NotFound
from quanyu.interfaces.api.auth import require
from quanyu.interfaces.api.money_doors import Key, PathId, asked, granted, raw_body
from quanyu.interfaces.api.offers import Signed
from quanyu.interfaces.api.orders import ANY
from quanyu.interfaces.content_forms import read_draft, signed, told_by

router = APIRouter(prefix="/v1/contents", tags=["content"])
Reader = Annotated[str, Depends(require("content:read"))]
Writer = Annotated[str, Depends(require("content:write"))]
Raw = Annotated[bytes, Depends(raw_body)]
Document = dict[str, Any]
Move = Literal["submit", "reject", "approve", "publish", "pause", "resume", "withdraw"]


def library_of(request: Request) -> Library[Any]:
    found: Library[Any] = request.app.state.quanyu.library
    return found


@router.get("")
def contents(
    request: Request,
    merchant: Reader,
    *,
    kind: Kind | None = None,
    state: PieceState | None = None,
    after: Annotated[str, Query(max_length=64)] = "",
) -> list[Document]:
    """The newest version of each piece, 500 at most; page on with `after` = the last id."""
    found = library_of(request).listed(merchant, kind=kind, state=state, after=after)
    return [one.as_json() for one in found]


@router.put("/{piece}", openapi_extra=ANY)
def put(request: Request, piece: PathId, merchant: Writer, raw: Raw) -> Document:
    """`{"piece": …, "actor": …, "mark_ad"?}`: the next version, as a draft. The same again is the
    same version."""
    draft, made = read_draft(raw, piece=piece)
    library = library_of(request)
    return library.add(merchant, made, by=draft.by, mark_ad=draft.mark_ad).as_json()


@router.get("/{piece}")
def show(
    request: Request,
    piece: PathId,
    merchant: Reader,
    *,
    version: Annotated[int | None, Query(ge=1, le=10**9)] = None,
) -> Document:
    """A version, the newest if none is said, with its shares, its versions and its history."""
    library = library_of(request)
    found = library.find(merchant, piece, number=version)
    return {
        **found.as_json(),
        "piece": msgspec.to_builtins(found.piece),
        "shares": shares_json(found.piece, library.rules.policy),
        "versions": [one.as_json() for one in library.versions(merchant, piece)],
        "history": [one.as_json() for one in library.history(merchant, piece)],
    }


@router.get("/{piece}/shares")
def shares(request: Request, piece: PathId, merchant: Reader) -> Document:
    """Value and marketing of the newest version, the ad label, and where its links lead."""
    library = library_of(request)
    return shares_json(library.find(merchant, piece).piece, library.rules.policy)


@router.get("/{piece}/review")
def review(request: Request, piece: PathId, merchant: Reader) -> Document:
    """What the gate says of the newest version today; changes nothing."""
    library = library_of(request)
    return library.rules.review(library.find(merchant, piece).piece, merchant).as_json()


@router.get("/{piece}/shown")
def shown(request: Request, piece: PathId, merchant: Reader) -> Document:
    """What people may see of it now; 404 when nothing is published or the law of today forbids."""
    found = library_of(request).shown(merchant, piece)
    if found is None:
        raise NotFound(f"nothing of {piece[:64]!r} is shown")
    told: Document = msgspec.to_builtins(found)
    return told


@router.post("/{piece}/moves/{move}")
def move(
    request: Request, piece: PathId, merchant: Writer, *, move: Move, key: Key, body: Signed
) -> Document:
    """submit, reject, approve, publish, pause, resume, withdraw; another state: 409."""
    ask = asked(
        merchant, "content.move", key=key, content=[piece, move, *told_by(body.actor, body.note)]
    )
    by = signed(body.actor, body.note)
    return granted(library_of(request).move(ask, piece, verb=PieceVerb(move), by=by)).as_json()
