"""Pictures with both marks. Whatever is done to a marked picture, the marks come out with it."""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from quanyu.content.marking import glyph, jpeg, png, xmp
from quanyu.content.marking.record import Aigc
from quanyu.errors import BadInput

if TYPE_CHECKING:
    from PIL.Image import Image

PIXELS_MAX = 60_000_000
BYTES_MAX = 32 << 20
JPEG_QUALITY = 92
Format = Literal["PNG", "JPEG"]


def format_of(data: bytes) -> Format:
    """Raises BadInput for anything but the two."""
    if len(data) > BYTES_MAX:
        raise BadInput("image", f"give a picture of at most {BYTES_MAX >> 20} MiB")
    if png.is_png(data):
        return "PNG"
    if jpeg.is_jpeg(data):
        return "JPEG"
    raise BadInput("image", "give a PNG or a JPEG")


def record_of(data: bytes) -> Aigc | None:
    """The record of a picture; None when it has none. Raises BadInput for a damaged file."""
    packet = _packet(data)
    return None if packet is None else xmp.record_in(packet)


def with_record(data: bytes, record: Aigc) -> bytes:
    """The same pixels, with this record and whatever else the XMP packet holds."""
    packet = xmp.with_record(_packet(data), record)
    if format_of(data) == "PNG":
        return png.with_packet(data, packet)
    return jpeg.with_packet(data, packet)


def _packet(data: bytes) -> bytes | None:
    return png.packet_of(data) if format_of(data) == "PNG" else jpeg.packet_of(data)


def marked(data: bytes, record: Aigc) -> bytes:
    """With the mark that people see and the one that machines read, in the format it came in. A
    file that is damaged, or whose record is, is refused first."""
    record_of(data)
    return _finished(opened(data), record, form=format_of(data))


def edited(
    data: bytes, change: Callable[["Image"], "Image"], *, form: Format | None = None
) -> bytes:
    """Crops, shrinks, converts: ``change`` gets the picture. One that was generated is marked
    again, since the change may have taken the mark away; one that was not stays without. A damaged
    record is refused: nobody may lose it by editing."""
    record = record_of(data)
    picture, wanted = change(opened(data)), form or format_of(data)
    return _saved(picture, wanted) if record is None else _finished(picture, record, form=wanted)


def opened(data: bytes) -> "Image":
    """Raises BadInput for what is no picture, or too large a one."""
    from PIL import Image

    form = format_of(data)
    try:
        picture = Image.open(io.BytesIO(data), formats=[form])
        if picture.width * picture.height > PIXELS_MAX:
            raise BadInput("image", f"give a picture of at most {PIXELS_MAX:,} pixels")
        picture.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise BadInput("image", f"the {form} is damaged; take a whole copy") from None
    return picture


def _finished(picture: "Image", record: Aigc, *, form: Format) -> bytes:
    if not glyph.fits(picture.size):
        raise BadInput("image", "the visible mark does not fit: give a larger picture")
    return with_record(_saved(glyph.stamped(picture), form), record)


def _saved(picture: "Image", form: Format) -> bytes:
    buffer = io.BytesIO()
    if form == "JPEG":
        picture.convert("RGB").save(buffer, form, quality=JPEG_QUALITY)
    else:
        picture.save(buffer, form)
    return buffer.getvalue()


def ensure_marked(data: bytes) -> Aigc:
    """For whoever hands out generated pictures. Raises BadInput when the record is missing."""
    record = record_of(data)
    if record is None:
        raise BadInput("image.AIGC", "a generated picture carries its record: mark it first")
    return record
