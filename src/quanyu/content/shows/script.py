"""What a host says: written into the plan, or a piece of the library as it was approved. Pure."""

from collections.abc import Iterator, Sequence
from typing import Annotated

import msgspec
from msgspec import Meta

from quanyu.compliance.verdict import Hit, Severity
from quanyu.content.library.states import PieceState
from quanyu.content.library.version import Version
from quanyu.content.piece import SEGMENTS_MAX, Segment
from quanyu.errors import BadInput

READY = frozenset({PieceState.APPROVED, PieceState.PUBLISHED})
Segments = Annotated[tuple[Segment, ...], Meta(min_length=1, max_length=SEGMENTS_MAX)]


class FromPiece(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """``{"piece": id}`` as it is handed in; the rest is filled in when the show is planned, and
    the approval of the show is of these words alone."""

    piece: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,64}\Z")]
    hash: str = ""
    """Of the version; where it is handed in, the approved version must be this one."""
    version: int = 0
    generated: bool = False
    """Did a machine write it?"""
    segments: tuple[Segment, ...] = ()


Script = Segments | FromPiece


def words_of(script: Script) -> tuple[Segment, ...]:
    return script.segments if isinstance(script, FromPiece) else script


def approved(versions: Sequence[Version]) -> Version | None:
    """The newest one that was approved and stands: a draft behind it changes nothing."""
    ready = [one for one in versions if one.state in READY]
    return max(ready, key=lambda one: one.number, default=None)


def filled(script: FromPiece, versions: Sequence[Version]) -> FromPiece:
    """As of now. Raises BadInput."""
    field = "show.script.piece"
    found = approved(versions)
    if found is None:
        paused = any(one.state is PieceState.PAUSED for one in versions)
        verb = "add" if not versions else "resume" if paused else "approve"
        raise BadInput(field, f"{verb} {script.piece} first: `quanyu content {verb}`")
    if found.piece.kind != "show":
        raise BadInput(field, f"choose a piece of kind show; this is a {found.piece.kind}")
    if script.hash not in ("", found.hash):
        mend = f"leave it out, or plan with the approved version {found.number}: {found.hash}"
        raise BadInput("show.script.hash", mend)
    generated = found.piece.generated is not None
    return FromPiece(script.piece, found.hash, found.number, generated, found.piece.segments)


def superseded(script: Script, versions: Sequence[Version]) -> Iterator[Hit]:
    """Before the approval of a show: the plan says something else than the library by now."""
    if not isinstance(script, FromPiece):
        return
    found = approved(versions)
    if found is not None and found.hash == script.hash:
        return
    now = "没有已审核的版本" if found is None else f"已审核的是第 {found.number} 版"
    yield Hit(
        rule="live.script", article="平台直播规范", severity=Severity.BLOCK, field="script.piece",
        why=f"排期用的是 {script.piece} 第 {script.version} 版，内容库里{now}",
        suggestion="重新提交排期，再审核",
    )  # fmt: skip
