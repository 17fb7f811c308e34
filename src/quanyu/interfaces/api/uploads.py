"""Request bodies within bounds: so many bytes each, unpacked too, and so many in all at a time."""

import zlib
from collections.abc import Iterator
from contextlib import contextmanager

from starlette.requests import Request

from quanyu.errors import BadInput, Overloaded
from quanyu.interfaces.api.problems import Problem

_GZIP = 16 + zlib.MAX_WBITS


class Allowance:
    """Bytes of bodies that may be in memory at one time."""

    def __init__(self, bytes_max: int) -> None:
        self.bytes_max = bytes_max
        self.used = 0

    @contextmanager
    def room(self) -> Iterator["Room"]:
        """Gives everything back at the end of the block."""
        room = Room(self)
        try:
            yield room
        finally:
            self.used -= room.taken


class Room:
    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self.taken = 0

    def take(self, size: int) -> None:
        """Raises Overloaded when others hold too much; a body alone always fits."""
        allowance = self._allowance
        if allowance.used > self.taken and allowance.used + size > allowance.bytes_max:
            raise Overloaded(f"{allowance.used} bytes are being received", queued=allowance.used)
        allowance.used += size
        self.taken += size


def allowance(request: Request) -> Allowance:
    """One per process, as large as the queue of the writer."""
    state = request.app.state
    if not hasattr(state, "allowance"):
        state.allowance = Allowance(state.quanyu.settings.queue_bytes_max)
    found: Allowance = state.allowance
    return found


async def body_of(request: Request, room: Room, *, bytes_max: int) -> bytes:
    """The unpacked body. Raises Problem 413 and 415, BadInput, Overloaded."""
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", "gzip"):
        raise Problem(415, "bad_encoding", f"{encoding[:40]} is not read here", mend="use gzip")
    body = await _received(request, room, bytes_max=bytes_max)
    if encoding == "identity":
        return body
    room.take(bytes_max)
    return unpacked(body, bytes_max)


async def _received(request: Request, room: Room, *, bytes_max: int) -> bytes:
    declared = request.headers.get("content-length", "")
    if declared.isdigit() and int(declared) > bytes_max:
        raise too_large(bytes_max)
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > bytes_max:
            raise too_large(bytes_max)
        room.take(len(part))
        parts.append(part)
    return parts[0] if len(parts) == 1 else b"".join(parts)


def unpacked(body: bytes, bytes_max: int) -> bytes:
    """Gunzips, of one or more members, and stops at the limit: a bomb is refused unexploded."""
    parts: list[bytes] = []
    left = bytes_max
    while body:
        member = zlib.decompressobj(_GZIP)
        try:
            parts.append(member.decompress(body, left + 1))
        except zlib.error as error:
            raise BadInput("body", "the gzip data is broken; pack it again") from error
        left -= len(parts[-1])
        if left < 0:
            raise too_large(bytes_max)
        if not member.eof:
            raise BadInput("body", "the gzip data ends too early; send all of it")
        body = member.unused_data
    return b"".join(parts)


def too_large(bytes_max: int) -> Problem:
    mend = f"send at most {bytes_max} bytes in one request, also unpacked"
    return Problem(413, "too_large", "The body is too large.", field="body", mend=mend)
