"""Marks in PNG and JPEG: the record survives, pixels stay, damage is told, the sign is large."""

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from quanyu.content.marking import glyph, jpeg, pictures, png, xmp
from quanyu.content.marking.files import marked_file, record_in
from quanyu.content.marking.record import Aigc
from quanyu.errors import BadInput

RECORD = Aigc(content_producer='某某科技 <&> "引号"', produce_id="pic-1", reserved_code1="sha256:0")
OTHER = Aigc(content_producer="另一家", produce_id="pic-2", label="2")
FORMS = ("PNG", "JPEG")


def picture(form: str = "PNG", size: tuple[int, int] = (320, 240), **options: Any) -> bytes:
    """A gradient: every pixel counts."""
    made = Image.linear_gradient("L").resize(size).convert(options.pop("mode", "RGB"))
    buffer = io.BytesIO()
    made.save(buffer, form, **options)
    return buffer.getvalue()


def pixels(data: bytes) -> bytes:
    return Image.open(io.BytesIO(data)).tobytes()


@pytest.mark.parametrize("form", FORMS)
def test_a_record_is_read_as_it_was_written(form: str) -> None:
    data = picture(form)
    assert pictures.record_of(data) is None
    found = pictures.with_record(data, RECORD)
    assert pictures.record_of(found) == RECORD
    assert pixels(found) == pixels(data)


@pytest.mark.parametrize("form", FORMS)
def test_a_later_record_takes_the_place_of_the_first(form: str) -> None:
    found = pictures.with_record(pictures.with_record(picture(form), RECORD), OTHER)
    assert pictures.record_of(found) == OTHER
    assert found.count(b"AIGC>") == 2


@pytest.mark.parametrize("form", FORMS)
def test_other_readers_find_the_packet_too(form: str) -> None:
    found = Image.open(io.BytesIO(pictures.with_record(picture(form), RECORD)))
    found.load()
    packet = found.info["XML:com.adobe.xmp" if form == "PNG" else "xmp"]
    text = packet if isinstance(packet, str) else packet.decode()
    assert 'xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"' in text
    assert "<TC260:AIGC>" in text


DC = "http://purl.org/dc/elements/1.1/"
FOREIGN = (
    f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{xmp.RDF}"><rdf:Description'
    f' rdf:about="" xmlns:dc="{DC}"><dc:title>茶</dc:title></rdf:Description></rdf:RDF></x:xmpmeta>'
).encode()


def test_what_others_wrote_into_the_packet_stays() -> None:
    found = xmp.with_record(FOREIGN, RECORD)
    assert "茶".encode() in found
    assert DC.encode() in found
    assert xmp.record_in(found) == RECORD
    assert xmp.record_in(FOREIGN) is None


@pytest.mark.parametrize(
    "packet",
    [
        f'<r:RDF xmlns:r="{xmp.RDF}"><r:Description xmlns:T="{xmp.TC260}" T:AIGC=\'{{"Label":"1",'
        '"ContentProducer":"a","ProduceID":"b"}\'/></r:RDF>',
        f'<?xpacket begin="" id="W5M0"?><r:RDF xmlns:r="{xmp.RDF}"><r:Description><T:AIGC'
        f' xmlns:T="{xmp.TC260}"> {{"Label":"1","ContentProducer":"a","ProduceID":"b"}} </T:AIGC>'
        "</r:Description></r:RDF><?xpacket end='w'?>",
    ],
    ids=["attribute", "element"],
)
def test_records_of_other_programs_are_read(packet: str) -> None:
    found = xmp.record_in(packet.encode())
    assert found == Aigc(content_producer="a", produce_id="b")
    again = xmp.with_record(packet.encode(), OTHER)
    assert xmp.record_in(again) == OTHER
    assert b'"a"' not in again


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize(
    "packet",
    [BOMB, b"", b"<x", b"\xff\xfe", b"<a>" * 50, b" " * (xmp.PACKET_BYTES_MAX + 1),
     f'<a xmlns:T="{xmp.TC260}"><T:AIGC>{{</T:AIGC></a>'.encode()],
    ids=["bomb", "empty", "cut", "no text", "open", "large", "damaged record"],
)  # fmt: skip
def test_a_damaged_packet_is_refused(packet: bytes) -> None:
    with pytest.raises(BadInput):
        xmp.record_in(packet)


def test_a_record_needs_a_place_in_the_packet() -> None:
    with pytest.raises(BadInput):
        xmp.with_record(b"<x/>", RECORD)


def test_a_packed_text_chunk_is_read() -> None:
    info = PngImagePlugin.PngInfo()
    packet = xmp.with_record(None, RECORD).decode()
    info.add_itxt("XML:com.adobe.xmp", packet, zip=True)
    assert pictures.record_of(picture(pnginfo=info)) == RECORD


def chunk(kind: bytes, body: bytes) -> bytes:
    check = zlib.crc32(kind + body)
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", check)


def with_chunk(body: bytes) -> bytes:
    data = picture()
    place = 8 + 25
    return data[:place] + chunk(b"iTXt", body) + data[place:]


@pytest.mark.parametrize(
    "body",
    [
        png.KEYWORD + b"\0\1\0\0\0" + b"not packed",
        png.KEYWORD + b"\0\1\0\0\0" + zlib.compress(b" " * (xmp.PACKET_BYTES_MAX * 3)),
        png.KEYWORD + b"\0\0",
    ],
    ids=["not packed", "unpacks to a heap", "cut"],
)
def test_a_hostile_text_chunk_is_refused(body: bytes) -> None:
    with pytest.raises(BadInput):
        pictures.record_of(with_chunk(body))


@pytest.mark.parametrize("form", FORMS)
@given(share=st.floats(0, 0.99))
@settings(max_examples=25, deadline=None)
def test_a_picture_that_breaks_off_is_refused(form: str, share: float) -> None:
    data = pictures.with_record(picture(form), RECORD)
    with pytest.raises(BadInput):
        pictures.marked(data[: int(len(data) * share)], OTHER)


@pytest.mark.parametrize("form", FORMS)
@given(place=st.integers(0, 2_000), byte=st.integers(0, 255))
@settings(max_examples=40, deadline=None)
def test_a_flipped_byte_never_gives_another_record_silently(
    form: str, place: int, byte: int
) -> None:
    """PNG has check sums; in a JPEG the record itself must still be one, and an unmarked picture
    that was marked before is the only other outcome."""
    data = bytearray(pictures.with_record(picture(form, (64, 64)), RECORD))
    data[place % len(data)] = byte
    try:
        found = pictures.record_of(bytes(data))
    except BadInput:
        return
    if form == "PNG":
        assert found == RECORD
    else:
        assert found is None or isinstance(found, Aigc)


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"\x89PNG", b"RIFF....WEBP"])
def test_other_files_are_refused(data: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        pictures.record_of(data)
    assert caught.value.field == "image"


def test_a_picture_too_large_is_refused_unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "PIXELS_MAX", 100)
    with pytest.raises(BadInput, match="pixels"):
        pictures.opened(picture())
    monkeypatch.setattr(pictures, "BYTES_MAX", 100)
    with pytest.raises(BadInput, match="MiB"):
        pictures.record_of(picture())


def test_a_packet_that_no_segment_holds_is_refused() -> None:
    with pytest.raises(BadInput):
        jpeg.with_packet(picture("JPEG"), b"x" * 70_000)


@pytest.mark.parametrize("form", FORMS)
def test_the_sign_stands_in_the_lower_right_corner_and_nowhere_else(form: str) -> None:
    before = Image.new("RGB", (400, 300), (200, 60, 60))
    buffer = io.BytesIO()
    before.save(buffer, form)
    after = Image.open(io.BytesIO(pictures.marked(buffer.getvalue(), RECORD))).convert("RGB")
    changed = [(x, y) for x in range(400) for y in range(300)
               if max(abs(a - b) for a, b in zip(after.getpixel((x, y)), (200, 60, 60),
                                                  strict=True)) > 40]  # fmt: skip
    assert changed
    assert min(x for x, _ in changed) > 250
    assert min(y for _, y in changed) > 250


@pytest.mark.parametrize("size", [(320, 240), (1080, 1920), (800, 800), (2000, 600), (120, 160)])
def test_the_characters_are_at_least_a_twentieth_of_the_shorter_side(size: tuple[int, int]) -> None:
    plate = glyph.plate(glyph.height_for(size)).convert("L")
    rows = [y for y in range(plate.height)
            if any(plate.getpixel((x, y)) > 200 for x in range(plate.width))]  # fmt: skip
    assert (max(rows) - min(rows) + 1) * 100 >= min(size) * 5


def test_the_sign_has_four_characters_side_by_side() -> None:
    """Columns without white part the signs: A, I, 生, 成."""
    plate = glyph.plate(64).convert("L")
    white = [any(plate.getpixel((x, y)) > 150 for y in range(plate.height))
             for x in range(plate.width)]  # fmt: skip
    runs = sum(now and not before for before, now in zip([False, *white], white, strict=False))
    assert runs == 4


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "P", "LA"])
def test_pictures_of_any_mode_are_marked(mode: str) -> None:
    found = pictures.marked(picture(mode=mode), RECORD)
    assert pictures.record_of(found) == RECORD
    assert Image.open(io.BytesIO(found)).size == (320, 240)


def test_a_picture_without_room_for_the_sign_is_refused() -> None:
    with pytest.raises(BadInput, match="larger"):
        pictures.marked(picture(size=(20, 20)), RECORD)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("to", [*FORMS, None])
def test_cropping_and_converting_keep_both_marks(form: str, to: Any) -> None:
    data = pictures.marked(picture(form), RECORD)
    found = pictures.edited(data, lambda one: one.crop((0, 0, 160, 120)), form=to)
    assert pictures.record_of(found) == RECORD
    assert pictures.format_of(found) == (to or form)
    corner = Image.open(io.BytesIO(found)).convert("L").crop((80, 100, 160, 120))
    assert max(corner.tobytes()) > 200, "the sign was cropped away and is drawn again"


def test_a_picture_of_a_person_stays_without_marks() -> None:
    found = pictures.edited(picture(), lambda one: one.resize((160, 120)))
    assert pictures.record_of(found) is None


def test_a_damaged_record_cannot_be_lost_by_editing() -> None:
    packet = xmp.with_record(None, RECORD).replace(b'"Label":"1"', b'"Label":"9"')
    data = png.with_packet(picture(), packet)
    with pytest.raises(BadInput):
        pictures.edited(data, lambda one: one)


def test_a_generated_picture_without_its_record_does_not_leave_the_house() -> None:
    with pytest.raises(BadInput) as caught:
        pictures.ensure_marked(picture())
    assert caught.value.field == "image.AIGC"
    assert pictures.ensure_marked(pictures.marked(picture(), RECORD)) == RECORD


@pytest.mark.parametrize("form", FORMS)
def test_marking_again_names_who_spreads_it(form: str) -> None:
    found, _ = record_in(marked_file(marked_file(picture(form), RECORD), OTHER))
    assert found == RECORD.spread_by("另一家", propagate_id="pic-2")
