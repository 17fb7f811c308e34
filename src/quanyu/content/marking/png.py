"""XMP in PNG files (ISO/IEC 15948): chunks are read and written, pixels are never touched."""

import zlib
from collections.abc import Iterable, Iterator

from quanyu.content.marking.xmp import PACKET_BYTES_MAX
from quanyu.errors import BadInput

SIGNATURE = b"\x89PNG\r\n\x1a\n"
KEYWORD = b"XML:com.adobe.xmp"
Chunk = tuple[bytes, bytes]
"""(Type, data)."""


def is_png(data: bytes) -> bool:
    return data.startswith(SIGNATURE)


def packet_of(data: bytes) -> bytes | None:
    """Raises BadInput for a file that breaks off or whose check sums do not hold."""
    found = [one for kind, one in _chunks(data) if _is_packet(kind, one)]
    return _text_of(found[0]) if found else None


def with_packet(data: bytes, packet: bytes) -> bytes:
    """The same picture with this packet, behind the header; an older one is left out."""
    header, *rest = list(_chunks(data))
    kept = [one for one in rest if not _is_packet(*one)]
    text = KEYWORD + b"\0\0\0\0\0" + packet
    return SIGNATURE + b"".join(_written([header, (b"iTXt", text), *kept]))


def _is_packet(kind: bytes, data: bytes) -> bool:
    return kind == b"iTXt" and data.startswith(KEYWORD + b"\0")


def _text_of(data: bytes) -> bytes:
    """Of an iTXt chunk: keyword, flag and method of packing, language, keyword again, text."""
    rest = data[len(KEYWORD) + 1 :]
    parts = rest[2:].split(b"\0", 2)
    if len(parts) < 3:
        raise BadInput("image.xmp", "the text chunk of the PNG is damaged")
    if rest[:1] == b"\0":
        return parts[2]
    unpacker = zlib.decompressobj()
    try:
        text = unpacker.decompress(parts[2], PACKET_BYTES_MAX)
    except zlib.error:
        raise BadInput("image.xmp", "the packed text chunk of the PNG is damaged") from None
    if unpacker.unconsumed_tail:
        raise BadInput("image.xmp", f"the XMP packet unpacks to over {PACKET_BYTES_MAX} bytes")
    return text


def _chunks(data: bytes) -> Iterator[Chunk]:
    place = len(SIGNATURE)
    while True:
        size = int.from_bytes(data[place : place + 4], "big")
        kind, end = data[place + 4 : place + 8], place + 8 + size
        body, check = data[place + 8 : end], data[end : end + 4]
        if len(check) < 4 or zlib.crc32(kind + body) != int.from_bytes(check, "big"):
            raise BadInput("image", f"the PNG is damaged at byte {place}; take a whole copy")
        yield kind, body
        place = end + 4
        if kind == b"IEND":
            return


def _written(chunks: Iterable[Chunk]) -> Iterator[bytes]:
    for kind, body in chunks:
        check = zlib.crc32(kind + body).to_bytes(4, "big")
        yield len(body).to_bytes(4, "big") + kind + body + check
