"""What happened in a show, entry after entry, each with the hash of the one before.

《直播电商监督管理办法》第十六条 asks for records of three years. An entry that is changed, taken
out or put in breaks the chain; one that is cut off at the end is missed by the head of the show.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from quanyu.clock import format_iso

BEGINNING = bytes(32)
"""What the first entry of a show follows."""


class Head(msgspec.Struct, frozen=True):
    """The last entry of a show: how many there are, and its hash."""

    number: int = 0
    hash: bytes = BEGINNING


class Entry(msgspec.Struct, frozen=True):
    show: str
    number: int
    """From 1, without holes."""
    at_us: int
    kind: str
    said: Mapping[str, Any]
    """Small and about the show alone; nobody who watched or bought stands in it."""
    hash: bytes = b""

    def as_json(self) -> dict[str, Any]:
        said = {name: value for name, value in self.said.items() if name != "kind"}
        return {
            "number": self.number, "at": format_iso(self.at_us), "kind": self.kind, **said,
            "hash": self.hash.hex(),
        }  # fmt: skip


def chained(merchant: str, entry: Entry, *, after: bytes) -> bytes:
    """SHA-256 over the hash before and the entry, as one JSON array with sorted keys."""
    text = msgspec.json.encode(
        [merchant, entry.show, entry.number, entry.at_us, entry.kind, entry.said],
        order="deterministic",
    )
    return sha256(after + text).digest()


def follow(
    merchant: str, show: str, *, head: Head, at_us: int, told: Iterable[tuple[str, Any]]
) -> list[Entry]:
    """``told`` (kind, what) as the next entries behind the head."""
    found: list[Entry] = []
    for kind, what in told:
        entry = Entry(show, head.number + 1, at_us, kind, msgspec.to_builtins(what))
        entry = msgspec.structs.replace(entry, hash=chained(merchant, entry, after=head.hash))
        head = Head(entry.number, entry.hash)
        found.append(entry)
    return found


def faults(merchant: str, entries: Iterable[Entry], *, head: Head) -> list[str]:
    """Every place where the chain does not hold; empty: nothing was changed, taken or put in."""
    found, after, number = [], BEGINNING, 0
    for entry in entries:
        number += 1
        if entry.number != number:
            found.append(f"entry {number} is missing")
            number = entry.number
        if chained(merchant, entry, after=after) != entry.hash:
            found.append(f"entry {entry.number} is not what was written")
        after = entry.hash
    if (number, after) != (head.number, head.hash):
        found.append(f"the show has {head.number} entries, the archive ends at {number}")
    return found
