"""A draft that passed the gate → a piece of the library, with both marks of generated content."""

from hashlib import sha256
from typing import Any

import msgspec

from quanyu.content.generation.brief import Brief, GeneratedKind
from quanyu.content.generation.draft import Draft, Part, shares_of_parts
from quanyu.content.generation.ports import Task
from quanyu.content.marking.record import Aigc, aigc_of
from quanyu.content.marking.words import VISIBLE, in_document, is_marked, marked, with_record
from quanyu.content.piece import Kind, Piece
from quanyu.errors import BadInput

KIND: dict[GeneratedKind, Kind] = {
    "show-script": "show", "video-script": "video", "creative": "creative", "article": "article",
}  # fmt: skip
START_SECONDS = 2
"""GB 45438: how long a video shows its mark at the start, at least."""


class Made(msgspec.Struct, frozen=True, kw_only=True):
    piece: Piece
    draft: Draft
    record: Aigc
    labels: tuple[dict[str, Any], ...]
    """What whoever plays it shows, where and how long."""

    def as_json(self) -> dict[str, Any]:
        """The document that leaves the house: the record first."""
        shares = shares_of_parts(self.draft.parts)
        return in_document(
            {
                "piece": msgspec.to_builtins(self.piece),
                "script": msgspec.to_builtins(self.draft),
                "labels": list(self.labels),
                "marketing": {"of": shares.whole, "sells": shares.marketing},
            },
            self.record,
        )

    def as_text(self) -> str:
        """For people: a line a part; the record in the last line."""
        rows = [self.draft.title, "", *map(_row, self.draft.parts)]
        return with_record("\n".join(rows), self.record)


def _row(part: Part) -> str:
    time = "" if part.seconds is None else f"[{part.seconds}s] "
    seen = f"\n    画面：{part.picture}\n    字幕：{part.subtitle}" if part.picture else ""
    return f"{time}{part.text}{seen}"


def identity(task: Task, writer: str, *, draft: Draft) -> str:
    """The same words for the same brief are the same piece."""
    said = msgspec.json.encode([task.kind, writer, task.brief, draft], order="sorted")
    return f"{task.kind}-{sha256(said).hexdigest()[:16]}"


def made_of(draft: Draft, task: Task, *, writer: str, producer: str) -> Made:
    brief, name = task.brief, identity(task, writer, draft=draft)
    shown = _marked(draft)
    record = Aigc(
        content_producer=producer, produce_id=name,
        reserved_code1=f"sha256:{sha256(shown.whole().encode()).hexdigest()}",
    )  # fmt: skip
    segments = tuple(one.segment for one in shown.parts)
    piece = Piece(
        name, KIND[task.kind], shown.title, brief.industry, segments, author=writer,
        marked_as_ad=any(one.items or one.stores for one in segments),
        generated=record.as_json(), arm_of=brief.arm_of,
    )  # fmt: skip
    return Made(piece=piece, draft=shown, record=record, labels=labels_of(brief, task.kind))


def _marked(draft: Draft) -> Draft:
    """The visible mark stands at the head of the first part."""
    first, *rest = draft.parts
    head = msgspec.structs.replace(first, text=marked(first.text))
    return msgspec.structs.replace(draft, parts=(head, *rest))


def labels_of(brief: Brief, kind: GeneratedKind) -> tuple[dict[str, Any], ...]:
    """The text says it at its head. A video says it at its start; an AI host carries a label for as
    long as it is seen: 《直播电商监督管理办法》第三十七条."""
    head: dict[str, Any] = {"text": VISIBLE, "where": "head"}
    start = {"text": VISIBLE, "where": "start", "seconds_min": START_SECONDS}
    if kind == "show-script" and brief.host == "ai":
        return (head, start, {"text": "AI主播", "where": "throughout"})
    return (head, start) if kind == "video-script" else (head,)


def exported(piece: Piece, *, form: str = "json") -> bytes:
    """A generated piece as it leaves the house. Raises BadInput when a mark is missing."""
    record = record_of(piece)
    if form == "text":
        body = "\n".join([piece.title, "", *(one.text for one in piece.segments)])
        return with_record(body, record).encode()
    document = in_document({"piece": msgspec.to_builtins(piece)}, record)
    return msgspec.json.encode(document)


def record_of(piece: Piece) -> Aigc:
    """Raises BadInput when one of the two marks is missing or damaged."""
    if piece.generated is None:
        raise BadInput("piece.generated", "a generated piece carries its record; generate it anew")
    record = aigc_of(dict(piece.generated), field="piece.generated")
    if not is_marked(piece.segments[0].text) and not is_marked(piece.segments[-1].text):
        raise BadInput("piece.segments", f"write “{VISIBLE}” at the head or the tail")
    return record
