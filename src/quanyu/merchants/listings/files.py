"""Listings as files: a JSON array, one JSON object per line, or CSV with a header."""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, TypeVar

from quanyu.errors import BadInput
from quanyu.merchants.listings.catalogue import Row
from quanyu.strict import decoded

T = TypeVar("T")
BOM = "\ufeff"
ARRAY_BYTES_MAX = 256 << 20
WHOLE = {"price_fen", "reference_fen", "suggested_fen"}
DEGREES = {"lat", "lng"}
LISTS = {"category", "categories", "flags", "selling_points", "hours", "services"}
PICTURES = {"images", "photos"}
BETWEEN = "|"
ATTRIBUTE = "attributes."


def rows_of(lines: Iterable[bytes]) -> Iterator[Row]:
    """(Line, document); what cannot be read is a BadInput in its place. The first character says
    which form it is: [ an array, { lines, anything else the header of a CSV."""
    supply = iter(lines)
    head: list[bytes] = []
    for line in supply:
        head.append(line)
        if line.strip():
            break
    if not head:
        return
    first = head[-1].lstrip(BOM.encode()).lstrip()
    everything = chain(head, supply)
    if first.startswith(b"["):
        yield from _array(everything)
    elif first.startswith(b"{"):
        yield from _objects(everything)
    else:
        yield from _table(chain(head[-1:], supply), skipped=len(head) - 1)


def _array(lines: Iterable[bytes]) -> Iterator[Row]:
    body = bytearray()
    for line in lines:
        body += line
        if len(body) > ARRAY_BYTES_MAX:
            raise BadInput("file", f"an array has at most {ARRAY_BYTES_MAX >> 20} MiB; use lines")
    try:
        found = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise BadInput("file", f"send a valid JSON array: {error}") from None
    yield from enumerate(found, 1)


def _objects(lines: Iterable[bytes]) -> Iterator[Row]:
    for number, line in enumerate(lines, 1):
        if text := line.lstrip(BOM.encode()).strip():
            yield number, _or_why(_object, text)


def _table(lines: Iterable[bytes], *, skipped: int) -> Iterator[Row]:
    """Empty cells are absent. Lists are written a|b, pictures ``address what it shows|…``, and
    attributes as columns of their own: ``attributes.颜色``."""
    table = csv.DictReader(_texts(lines), strict=True)
    try:
        fields = table.fieldnames or ()
        if "id" not in fields:
            raise BadInput(
                f"line {skipped + 1}", "write a header with id and the other fields, or JSON"
            )
        for cells in table:
            yield skipped + table.line_num, _or_why(document_of, cells)
    except (csv.Error, UnicodeDecodeError) as error:
        raise BadInput(
            f"line {skipped + table.line_num + 1}", f"send CSV in UTF-8: {error}"
        ) from None


def _texts(lines: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(lines):
        text = line.decode()
        yield text.removeprefix(BOM) if number == 0 else text


def _object(text: bytes) -> Any:
    return decoded(text, dict[str, Any], name="line")


def _or_why(read: Callable[[T], Any], raw: T) -> Any:
    try:
        return read(raw)
    except BadInput as error:
        return error


def document_of(cells: Mapping[str | None, Any]) -> dict[str, Any]:
    """A row of CSV → the document that JSON would have. Raises BadInput."""
    if None in cells:
        raise BadInput("row", "it has more cells than the header")
    document: dict[str, Any] = {}
    attributes: dict[str, str] = {}
    for name, cell in cells.items():
        text = (cell or "").strip()
        if not text or name is None:
            continue
        if name.startswith(ATTRIBUTE):
            attributes[name.removeprefix(ATTRIBUTE)] = text
        else:
            document[name] = _value(name, text)
    return document | ({"attributes": attributes} if attributes else {})


def _value(name: str, text: str) -> Any:
    if name in WHOLE:
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            raise BadInput(name, f"write whole fen, not {text[:20]!r}")
        return int(text)
    if name in DEGREES:
        try:
            return float(text)
        except ValueError:
            raise BadInput(name, f"write degrees, not {text[:20]!r}") from None
    if name in LISTS:
        return [part.strip() for part in text.split(BETWEEN) if part.strip()]
    if name in PICTURES:
        return [_picture(part.strip()) for part in text.split(BETWEEN) if part.strip()]
    return text


def _picture(text: str) -> dict[str, str]:
    address, _, shows = text.partition(" ")
    return {"url": address, **({"alt": shows.strip()} if shows.strip() else {})}
