"""Files of any form that carries the marks: PNG, JPEG, JSON, text."""

from typing import Any

import msgspec

from quanyu.content.marking import jpeg, pictures, png, words
from quanyu.content.marking.record import Aigc
from quanyu.errors import BadInput


def marked_file(data: bytes, record: Aigc) -> bytes:
    """With both marks; a JSON document gets the record alone, its texts are its owner's. What
    carries a record keeps who generated it: whoever marks it again is the one who spreads it."""
    before, _ = record_in(data)
    if before is not None:
        record = before.spread_by(record.content_producer, propagate_id=record.produce_id)
    if png.is_png(data) or jpeg.is_jpeg(data):
        return pictures.marked(data, record)
    document = _document(data)
    if document is None:
        return words.with_record(_text(data), record).encode()
    return msgspec.json.format(msgspec.json.encode(words.in_document(document, record)), indent=1)


def record_in(data: bytes) -> tuple[Aigc | None, bool | None]:
    """(Record, does a text show the mark). Raises BadInput for a damaged file or record."""
    if png.is_png(data) or jpeg.is_jpeg(data):
        return pictures.record_of(data), None
    document = _document(data)
    if document is not None:
        return words.of_document(document), None
    body, record = words.parted(_text(data))
    return record, words.is_marked(body)


def _document(data: bytes) -> dict[str, Any] | None:
    try:
        found = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeError):
        return None
    return found if isinstance(found, dict) else None


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise BadInput("FILE", "give a PNG, a JPEG, JSON or a text in UTF-8") from None
