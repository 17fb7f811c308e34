"""How a decision is asked for and told, whatever the door."""

import secrets
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from quanyu.clock import format_iso
from quanyu.decisions.asking import Ask
from quanyu.decisions.serving.explanation import Told, explained, unpacked, why
from quanyu.decisions.serving.record import TRACE_BYTES, Outcome, Record
from quanyu.errors import BadInput
from quanyu.strict import decoded

if TYPE_CHECKING:
    from quanyu.decisions.serving.answer import Answer
    from quanyu.wiring import Engine

ASK_BYTES_MAX = 256 * 1024
IDS_MAX = 20
_encode = msgspec.json.Encoder().encode


def read_ask(text: bytes | str) -> Ask:
    """Raises BadInput."""
    return decoded(text, Ask, name="ask", bytes_max=ASK_BYTES_MAX)


def new_trace() -> bytes:
    return secrets.token_bytes(TRACE_BYTES)


def read_trace(text: str) -> bytes:
    """Raises BadInput."""
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != TRACE_BYTES or text != found.hex():
        raise BadInput("trace", f"give the {2 * TRACE_BYTES} letters that the answer named trace")
    return found


def answer_json(answer: "Answer") -> bytes:
    return _encode(answer)


def explanation_of(engine: "Engine", merchant: str, *, trace: str, ids: Sequence[str]) -> Any:
    """What was decided, why, and what came of it. Raises BadInput, NotFound."""
    if len(ids) > IDS_MAX:
        raise BadInput("id", f"ask for at most {IDS_MAX} at a time")
    raw = read_trace(trace)
    record, outcomes = engine.decisions.looked_up(merchant, raw)
    return told_json(record, outcomes, ids=ids, known=engine.known_goods(merchant))


def told_json(
    record: Record, outcomes: Sequence[Outcome], *, ids: Sequence[str], known: Any
) -> dict[str, Any]:  # fmt: skip
    told: Told = unpacked(record.told)
    asked = {one: why(told, one, known=one in known) for one in ids}
    return {
        "trace": record.trace.hex(),
        "at": format_iso(record.at_us),
        **explained(msgspec.structs.replace(told, wanted={**told.wanted, **asked})),
        "outcomes": [
            {"position": one.position, "kind": one.kind, "at": format_iso(one.at_us),
             **({"amount": one.amount_fen} if one.amount_fen else {})}
            for one in outcomes
        ],
    }  # fmt: skip
