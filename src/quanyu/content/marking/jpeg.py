"""XMP in JPEG files: an APP1 segment behind the header (XMP part 3); pixels are never touched."""

from collections.abc import Iterator

from quanyu.errors import BadInput

BEGIN = b"\xff\xd8"
HEADER = b"http://ns.adobe.com/xap/1.0/\0"
SEGMENT_BYTES_MAX = 65_533
APP0, APP1, SCAN, END = 0xE0, 0xE1, 0xDA, 0xD9
BARE = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a length."""


def is_jpeg(data: bytes) -> bool:
    return data.startswith(BEGIN)


def packet_of(data: bytes) -> bytes | None:
    """Raises BadInput for a file that breaks off."""
    found = [data[start + 4 + len(HEADER) : end] for marker, start, end in _segments(data)
             if _is_packet(data, marker, start=start)]  # fmt: skip
    return found[0] if found else None


def with_packet(data: bytes, packet: bytes) -> bytes:
    """The same picture with this packet; an older one is left out."""
    body = HEADER + packet
    if len(body) + 2 > SEGMENT_BYTES_MAX:
        raise BadInput("image.xmp", "the XMP packet is too long for a JPEG; shorten it")
    made = b"\xff" + bytes([APP1]) + (len(body) + 2).to_bytes(2, "big") + body
    head, place = [BEGIN], len(BEGIN)
    kept: list[bytes] = []
    for marker, start, end in _segments(data):
        place = end
        if not _is_packet(data, marker, start=start):
            (head if marker == APP0 and not kept else kept).append(data[start:end])
    return b"".join([*head, made, *kept, data[place:]])


def _is_packet(data: bytes, marker: int, *, start: int) -> bool:
    return marker == APP1 and data.startswith(HEADER, start + 4)


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(Marker, first byte, byte behind it) of everything before the picture itself."""
    place = len(BEGIN)
    while True:
        head = data[place : place + 2]
        marker = head[1] if len(head) == 2 and head[0] == 0xFF else -1
        if marker in (SCAN, END) and data.rstrip(b"\0").endswith(b"\xff\xd9"):
            return
        if marker == 0xFF:
            place += 1
            continue
        size = 0 if marker in BARE else int.from_bytes(data[place + 2 : place + 4], "big")
        end = place + 2 + size
        if marker in (-1, 0, SCAN, END) or end > len(data) or (size < 2 and marker not in BARE):
            raise BadInput("image", f"the JPEG is damaged at byte {place}; take a whole copy")
        yield marker, place, end
        place = end
