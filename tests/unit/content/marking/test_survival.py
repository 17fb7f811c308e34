"""What happens to marked files on their way: cut short, cropped, saved again, marked again."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from quanyu.content.marking import glyph, jpeg, pictures, png, xmp
from quanyu.content.marking.files import marked_file, record_in
from quanyu.content.marking.record import NAMES, RECORD_BYTES_MAX, Aigc, aigc_of
from quanyu.content.marking.words import VISIBLE, is_marked, marked, parted, with_record
from quanyu.errors import BadInput

RECORD = Aigc(content_producer="某某科技", produce_id="pic-1", reserved_code1="sha256:0")
FORMS = ("PNG", "JPEG")
Change = Callable[[Image.Image], Image.Image]


def picture(form: str = "PNG", size: tuple[int, int] = (96, 80), mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(buffer, form)
    return buffer.getvalue()


MARKED = {form: pictures.marked(picture(form), RECORD) for form in FORMS}
TEXT = with_record("今天讲茶。\n慢慢喝。", RECORD)


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def sign_is_there(data: bytes) -> bool:
    """Bright strokes on the dark plate in the lower right corner."""
    shown = opened(data).convert("L")
    mark = glyph.plate(glyph.height_for(shown.size))
    edge = mark.height // 4
    right, bottom = shown.width - edge, shown.height - edge
    plate = shown.crop((right - mark.width, bottom - mark.height, right, bottom)).tobytes()
    return max(plate) > 200 and min(plate) < 110


@pytest.mark.parametrize("form", FORMS)
def test_a_marked_picture_shows_its_sign(form: str) -> None:
    assert sign_is_there(MARKED[form])
    assert not sign_is_there(picture(form))


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(FORMS), st.floats(0, 1, exclude_max=True))
def test_a_picture_cut_anywhere_is_refused_or_keeps_its_record(form: str, share: float) -> None:
    """Never a picture that passes for one without a record."""
    data = MARKED[form]
    cut = data[: int(len(data) * share)]
    try:
        found = pictures.record_of(cut)
    except BadInput:
        return
    assert found == RECORD


@settings(max_examples=60, deadline=None)
@given(st.integers(1, len(TEXT.rstrip()) - 1))
def test_a_text_cut_anywhere_is_refused_or_has_lost_the_whole_line(length: int) -> None:
    cut = TEXT[:length]
    start = TEXT.index('{"AIGC"')
    try:
        body, found = parted(cut)
    except BadInput:
        assert length > start
    else:
        assert found is None
        assert length < start + len('{"AIGC"')
        assert VISIBLE[:1] not in cut or cut.startswith(body)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=60), st.text(max_size=60))
def test_what_follows_or_precedes_does_not_hide_the_record(before: str, after: str) -> None:
    """Somebody writes around the last line: the record is read, or its damage is told."""
    written = f"{before}\n{TEXT.rstrip()}{after}"
    try:
        _, found = parted(written)
    except BadInput:
        return
    assert found == RECORD or after.strip()


CHANGES: list[tuple[str, Change]] = [
    ("crop left", lambda one: one.crop((0, 0, one.width // 2 + 20, one.height))),
    ("crop bottom away", lambda one: one.crop((0, 0, one.width, one.height // 2))),
    ("half the size", lambda one: one.resize((one.width // 2 + 16, one.height // 2 + 16))),
    ("twice the size", lambda one: one.resize((one.width * 2, one.height * 2))),
    ("turned", lambda one: one.transpose(Image.Transpose.ROTATE_90)),
    ("mirrored", lambda one: one.transpose(Image.Transpose.FLIP_LEFT_RIGHT)),
    ("grey", lambda one: one.convert("L")),
    ("few colours", lambda one: one.convert("P")),
    ("with alpha", lambda one: one.convert("RGBA")),
    ("nothing", lambda one: one),
]


@pytest.mark.parametrize("to", FORMS)
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_both_marks_survive_what_is_done_to_a_picture(
    name: str, change: Change, form: str, to: Any
) -> None:
    found = pictures.edited(MARKED[form], change, form=to)
    assert pictures.record_of(found) == RECORD, name
    assert pictures.format_of(found) == to
    assert opened(found).size == change(opened(MARKED[form])).size
    assert sign_is_there(found), name


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("name", "change"), CHANGES)
def test_a_chain_of_changes_loses_nothing(name: str, change: Change, form: str) -> None:
    data = MARKED[form]
    for to in ("JPEG", "PNG", "JPEG"):
        data = pictures.edited(data, change if to == "PNG" else lambda one: one, form=to)  # type: ignore[arg-type]
    assert pictures.ensure_marked(data) == RECORD, name


@pytest.mark.parametrize("form", FORMS)
def test_saving_with_another_program_loses_the_record_and_that_is_noticed(form: str) -> None:
    buffer = io.BytesIO()
    opened(MARKED[form]).convert("RGB").save(buffer, form)
    with pytest.raises(BadInput) as caught:
        pictures.ensure_marked(buffer.getvalue())
    assert caught.value.field == "image.AIGC"


@pytest.mark.parametrize("form", FORMS)
def test_marking_over_and_over_does_not_grow_the_file(form: str) -> None:
    once = pictures.with_record(picture(form), RECORD)
    again = once
    for _ in range(5):
        again = pictures.with_record(again, RECORD)
    assert pictures.record_of(again) == RECORD
    assert len(again) == len(pictures.with_record(once, RECORD))
    assert again.count(b"AIGC>") == 2


@pytest.mark.parametrize(
    ("size", "fits"),
    [
        ((1_000, 600), True),
        ((96, 80), True),
        ((60, 40), True),
        ((20, 20), False),
        ((8, 900), False),
    ],
)
def test_a_picture_has_room_for_the_sign_or_is_refused(
    size: tuple[int, int], *, fits: bool
) -> None:
    assert glyph.fits(size) == fits
    if fits:
        assert sign_is_there(pictures.marked(picture(size=size), RECORD))
    else:
        with pytest.raises(BadInput, match="larger picture"):
            pictures.marked(picture(size=size), RECORD)


@pytest.mark.parametrize("side", [1, 10, 166, 167, 200, 1_000, 4_000])
def test_the_sign_is_never_under_a_twentieth_of_the_shorter_side(side: int) -> None:
    """GB 45438: 5 %, and never smaller than can be read."""
    height = glyph.height_for((side, side * 2))
    assert height * 20 >= side
    assert height >= 10
    assert height == glyph.height_for((side * 2, side))


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1"])
def test_a_picture_keeps_its_size_and_its_transparency(mode: str) -> None:
    data = picture(mode=mode)
    found = opened(pictures.marked(data, RECORD))
    assert found.size == (96, 80)
    assert ("A" in found.getbands()) == (mode in ("RGBA", "LA", "P"))


@pytest.mark.parametrize("form", FORMS)
def test_pixels_outside_the_sign_are_not_touched(form: str) -> None:
    """In a PNG exactly; a JPEG is pressed again, which moves them a little."""
    data = picture(form, size=(200, 160))
    before, after = opened(data).convert("L"), opened(pictures.marked(data, RECORD)).convert("L")
    box = (0, 0, 200, 120)
    pairs = zip(before.crop(box).tobytes(), after.crop(box).tobytes(), strict=True)
    worst = max(abs(a - b) for a, b in pairs)
    assert worst <= (0 if form == "PNG" else 12)


@pytest.mark.parametrize(
    ("tree", "field"),
    [
        ({}, "AIGC"),
        ({"Label": "1"}, "AIGC"),
        ({"Label": "1", "ContentProducer": "", "ProduceID": "x"}, "AIGC"),
        ({"Label": "0", "ContentProducer": "a", "ProduceID": "x"}, "AIGC"),
        ({"Label": 1, "ContentProducer": "a", "ProduceID": "x"}, "AIGC"),
        ({"Label": "1", "ContentProducer": "a" * 257, "ProduceID": "x"}, "AIGC"),
        ({"Label": "1", "ContentProducer": "a", "ProduceID": "x", "PropagateID": None}, "AIGC"),
        ("{", "AIGC"),
        ("[]", "AIGC"),
        ("x" * (RECORD_BYTES_MAX + 1), "AIGC"),
        (None, "AIGC"),
    ],
)
def test_what_is_no_record_is_named(tree: Any, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        aigc_of(tree)
    assert caught.value.field == field


def test_a_record_may_be_as_long_as_the_standard_lets_it() -> None:
    long = aigc_of({"Label": "3"} | {name: "a" * 256 for name in NAMES.values() if name != "Label"})
    assert aigc_of(long.as_text()) == long
    for form in FORMS:
        assert pictures.record_of(pictures.with_record(picture(form), long)) == long


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("（本内容由AI生成）今天讲茶。", True),
        ("今天讲茶。" * 40 + "本内容由人工智能生成", True),
        ("今天讲茶。" * 40 + "ＡＩ合成" + "慢慢喝。" * 40, False),
        ("AI 辅助生成：" + "茶" * 200, True),
        ("茶" * 74 + "AI生成" + "茶" * 200, True),
        ("茶" * 80 + "AI生成" + "茶" * 200, False),
        ("我们用AI工具。", False),
        ("", False),
    ],
)
def test_a_mark_is_seen_at_the_edges_of_a_text(text: str, *, seen: bool) -> None:
    assert is_marked(text) == seen
    assert is_marked(marked(text))
    assert (marked(text) == text) == seen
    assert marked(text, where="tail").startswith(text)


DOCUMENTS = st.dictionaries(st.text(max_size=8), st.integers() | st.text(max_size=8), max_size=4)


@settings(max_examples=40, deadline=None)
@given(DOCUMENTS)
def test_a_document_keeps_its_own_keys(document: dict[str, Any]) -> None:
    document.pop("AIGC", None)
    written = json.loads(marked_file(json.dumps(document).encode(), RECORD))
    assert written.pop("AIGC") == RECORD.as_json()
    assert written == document


@pytest.mark.parametrize(
    "data", [MARKED["PNG"], MARKED["JPEG"], TEXT.encode(), b'{"AIGC": {"Label": "1", '
             b'"ContentProducer": "a", "ProduceID": "b"}}'],
    ids=["png", "jpeg", "text", "json"],
)  # fmt: skip
def test_whoever_marks_it_again_becomes_the_one_who_spreads_it(data: bytes) -> None:
    first, _ = record_in(data)
    assert first is not None
    platform = Aigc(content_producer="平台", produce_id="p-1")
    again, _ = record_in(marked_file(data, platform))
    assert again == first.spread_by("平台", propagate_id="p-1")
    third, _ = record_in(marked_file(marked_file(data, platform), Aigc(
        content_producer="另一平台", produce_id="p-2")))  # fmt: skip
    assert third is not None
    assert (third.content_producer, third.content_propagator) == (
        first.content_producer, "另一平台",
    )  # fmt: skip


@pytest.mark.parametrize("data", [b"\xff\xfe\x00\x01", b"GIF89a....", b"RIFF\xf0\x00\x00\x00WEBP"])
def test_files_of_other_kinds_are_refused(data: bytes) -> None:
    with pytest.raises(BadInput) as caught:
        pictures.marked(data, RECORD)
    assert caught.value.field == "image"


def test_a_packet_is_found_behind_other_segments() -> None:
    buffer = io.BytesIO()
    opened(picture("JPEG")).save(buffer, "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
    data = jpeg.with_packet(buffer.getvalue(), xmp.with_record(None, RECORD))
    assert pictures.record_of(data) == RECORD
    assert b"Exif" in data


def test_a_png_keeps_its_header_first_and_its_end_last() -> None:
    data = png.with_packet(picture(), xmp.with_record(None, RECORD))
    assert data[12:16] == b"IHDR"
    assert data[-8:-4] == b"IEND"
    assert opened(data).size == (96, 80)
