"""The machine-readable record of 《人工智能生成合成内容标识办法》 and GB 45438-2025, appendix E."""

import json
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from quanyu.errors import BadInput

KEY = "AIGC"
Code = Annotated[str, Meta(max_length=256)]
Named = Annotated[str, Meta(min_length=1, max_length=256)]
RECORD_BYTES_MAX = 8 * 1024

NAMES = {
    "label": "Label", "content_producer": "ContentProducer", "produce_id": "ProduceID",
    "reserved_code1": "ReservedCode1", "content_propagator": "ContentPropagator",
    "propagate_id": "PropagateID", "reserved_code2": "ReservedCode2",
}  # fmt: skip


class Aigc(msgspec.Struct, frozen=True, kw_only=True, rename=NAMES):
    """Names on the wire are those of the standard."""

    label: Literal["1", "2", "3"] = "1"
    """Generated, possibly generated, suspected."""
    content_producer: Named
    """Who generated it: a name, or the code of the standard for one."""
    produce_id: Named
    reserved_code1: Code = ""
    """The producer's own, for the integrity of content and mark."""
    content_propagator: Code = ""
    propagate_id: Code = ""
    reserved_code2: Code = ""

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found

    def as_text(self) -> str:
        """One line of JSON, keys in the order of the standard."""
        return json.dumps(self.as_json(), ensure_ascii=False, separators=(",", ":"))

    def spread_by(self, propagator: str, *, propagate_id: str) -> "Aigc":
        """With who passes it on; what the producer wrote stays."""
        return msgspec.structs.replace(
            self, content_propagator=propagator, propagate_id=propagate_id
        )


def aigc_of(found: object, *, field: str = KEY) -> Aigc:
    """A record out of a tree of JSON or of its text. Raises BadInput."""
    try:
        if isinstance(found, str | bytes):
            if len(found) > RECORD_BYTES_MAX:
                raise BadInput(field, f"a record has at most {RECORD_BYTES_MAX} bytes")
            found = msgspec.json.decode(found)
        return msgspec.convert(found, Aigc)
    except msgspec.MsgspecError as error:
        raise BadInput(field, f"is no record of GB 45438: {str(error)[:120]}") from None
