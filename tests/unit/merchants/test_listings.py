"""Items and stores: their forms, their files, and the gate before the shelf."""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.shown_paths import ITEM, STORE

from quanyu.clock import FixedClock
from quanyu.compliance.doorkeeper import Doorkeeper
from quanyu.compliance.gate import LawGate, Record
from quanyu.compliance.showing import Showing, Unlawful
from quanyu.compliance.verdict import Verdict
from quanyu.errors import BadInput, NotFound
from quanyu.merchants.listings.catalogue import BATCH_MAX, Catalogue, listing_of, page_of
from quanyu.merchants.listings.files import document_of, rows_of
from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.ports import Listing
from quanyu.merchants.listings.store import Store

NOON_US = 1_773_115_200_000_000
SENTENCE = "全网最低价，国家级品质"


def item(**change: Any) -> Item:
    return listing_of({**ITEM, **change}, Item)


def store(**change: Any) -> Store:
    return listing_of({**STORE, **change}, Store)


FAULTS: list[tuple[type[Any], dict[str, Any], str]] = [
    (Item, {"id": "手机壳"}, "item.id"),
    (Item, {"price_fen": 19.9}, "item.price_fen"),
    (Item, {"price_fen": -1}, "item.price_fen"),
    (Item, {"industry": "rockets"}, "item.industry"),
    (Item, {"state": "sold"}, "item.state"),
    (Item, {"colour": "red"}, "item.colour"),
    (Item, {"reference_fen": 1_990, "reference_basis": "原价"}, "item.reference_fen"),
    (Item, {"reference_fen": 2_990}, "item.reference_basis"),
    (Item, {"images": [{"url": "javascript:alert(1)"}]}, "item.images[0].url"),
    (Store, {"lat": 91}, "store.lat"),
    (Store, {"phone": "13800138001"}, "store.phone"),
    (Store, {"hours": ["早上到晚上"]}, "store.hours[0]"),
]


@pytest.mark.parametrize(("form", "change", "field"), FAULTS)
def test_faults_name_the_field(form: type[Any], change: dict[str, Any], field: str) -> None:
    usual = ITEM if form is Item else STORE
    with pytest.raises(BadInput) as caught:
        listing_of({**usual, **change}, form)
    assert caught.value.field == field


GOOD_PHONES = ["010-12345678", "02112345678", "400-800-1234", "95533", "0755-1234567-801"]
GOOD_HOURS = ["10:00-22:00", "18:00-02:00", "每天 00:00-24:00", "周一至周五 10:00-22:00"]


@pytest.mark.parametrize("phone", GOOD_PHONES)
def test_business_numbers(phone: str) -> None:
    assert store(phone=phone).phone == phone


@pytest.mark.parametrize("hours", GOOD_HOURS)
def test_hours(hours: str) -> None:
    assert store(hours=[hours]).hours == (hours,)


def test_a_page_shows_every_word_that_an_item_holds() -> None:
    """Whatever text is added to the form is on the page, or this fails."""
    ids = {"id", "state", "industry", "flags"}
    marked = {name: value for name, value in msgspec.to_builtins(item()).items() if name not in ids}
    words = {word for value in marked.values() for word in texts_in(value)}
    page = "\n".join(page_of(item()).texts.values())
    assert {word for word in words if word not in page} <= {"/1.jpg"}


def texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from () if name in ("url", "alt") else (name,)
            yield from texts_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from texts_in(one)


FILES = [
    (b'[{"id": "a"}, {"id": "b"}]', ["a", "b"]),
    (b'\xef\xbb\xbf[{"id": "a"}]', ["a"]),
    (b'{"id": "a"}\n\n{"id": "b"}\n', ["a", "b"]),
    (b"\n\nid,title\na,x\nb,y\n", ["a", "b"]),
    ("\ufeffid,title\na,“引号”\n".encode(), ["a"]),
    (b'id,title\na,"two\nlines"\n', ["a"]),
    (b"", []),
]


@pytest.mark.parametrize(("body", "ids"), FILES)
def test_three_forms_of_files(body: bytes, ids: list[str]) -> None:
    assert [document["id"] for _, document in rows_of(body.splitlines(keepends=True))] == ids


BROKEN = [
    (b"[{", "file"),
    (b"name,title\na,b\n", "line 1"),
    ("id,title\na,茶\n".encode("gbk"), "line"),
]


@pytest.mark.parametrize(("body", "field"), BROKEN)
def test_files_that_are_none(body: bytes, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        list(rows_of(body.splitlines(keepends=True)))
    assert caught.value.field.startswith(field)


def test_a_bad_row_stands_for_itself() -> None:
    body = b'{"id": "a"}\n{"id": \n{"id": "c", "id": "d"}\n{"id": "e"}\n'
    found = dict(rows_of(body.splitlines(keepends=True)))
    assert [line for line, row in found.items() if isinstance(row, BadInput)] == [2, 3]


def test_cells_become_what_json_would_say() -> None:
    cells = {
        "id": "a", "price_fen": "1990", "category": "数码|配件", "attributes.颜色": "透明",
        "images": "/1.jpg 正面 图|/2.jpg", "lat": "39.9", "description": "",
    }  # fmt: skip
    assert document_of(cells) == {  # type: ignore[arg-type]
        "id": "a", "price_fen": 1990, "category": ["数码", "配件"], "attributes": {"颜色": "透明"},
        "images": [{"url": "/1.jpg", "alt": "正面 图"}, {"url": "/2.jpg"}], "lat": 39.9,
    }  # fmt: skip
    for bad in ({"price_fen": "19.9"}, {"lat": "north"}, {None: ["x"]}):
        with pytest.raises(BadInput):
            document_of(bad)  # type: ignore[arg-type]


@given(st.binary(max_size=200))
def test_no_file_breaks_the_reader(body: bytes) -> None:
    try:
        rows = list(rows_of(body.splitlines(keepends=True)))
    except BadInput:
        return
    assert all(isinstance(line, int) for line, _ in rows)


class Shelf:
    """Listings in memory, papers of nobody, and a journal."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, str, str], Listing] = {}
        self.writes = 0

    @contextmanager
    def transaction(self) -> Iterator[None]:
        yield None

    def attempt(self, tx: Any, do: Any) -> Any:
        return do()

    def put(self, tx: Any, merchant: str, *, listings: Sequence[Listing], at_us: int) -> int:
        new = {(merchant, one.KIND, one.id): one for one in listings}
        assert len(new) == len(listings), "one statement takes an id once"
        changed = sum(self.rows.get(key) != one for key, one in new.items())
        self.rows |= new
        self.writes += 1
        return changed

    def find(self, tx: Any, merchant: str, *, form: Any, ids: Collection[str]) -> list[Any]:
        return [self.rows[key] for id in ids if (key := (merchant, form.KIND, id)) in self.rows]

    def page(self, tx: Any, merchant: str, *, form: Any, after: tuple[str, int]) -> list[Any]:
        found = [one for key, one in sorted(self.rows.items()) if key[:2] == (merchant, form.KIND)]
        return [one for one in found if one.id > after[0]][: after[1]]

    def of(self, merchant: str) -> Record:
        return Record(industry="apparel")

    def keep(self, judged: Sequence[tuple[Showing, Verdict]]) -> None:
        pass


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def catalogue(shelf: Shelf) -> Catalogue[Any]:
    clock = FixedClock(NOON_US)
    gate = LawGate(shelf, shelf, prices=lambda showing: Verdict())
    return Catalogue(shelf, shelf, door=Doorkeeper(gate, clock), clock=clock)  # type: ignore[arg-type]


def test_the_same_again_changes_nothing(catalogue: Catalogue[Any]) -> None:
    batch = [item(id="a"), item(id="b")]
    assert catalogue.put("tea", batch, place="items").changed == 2
    assert catalogue.put("tea", batch, place="items").changed == 0
    assert catalogue.put("tea", [item(id="a", title="新款")], place="items").changed == 1
    assert catalogue.find("tea", Item, id="a").title == "新款"


def test_one_unlawful_of_a_batch_and_none_is_kept(catalogue: Catalogue[Any], shelf: Shelf) -> None:
    with pytest.raises(Unlawful) as caught:
        catalogue.put("tea", [item(id="a"), item(id="b", title=SENTENCE)], place="items")
    assert caught.value.field == "items[1].title"
    assert shelf.rows == {}


SIZES = [0, BATCH_MAX + 1]


@pytest.mark.parametrize("size", SIZES)
def test_batches_have_bounds(catalogue: Catalogue[Any], size: int) -> None:
    with pytest.raises(BadInput):
        catalogue.put("tea", [item(id=f"i{n}") for n in range(size)], place="items")


def test_an_id_twice_in_a_batch(catalogue: Catalogue[Any]) -> None:
    with pytest.raises(BadInput) as caught:
        catalogue.put("tea", [item(id="a"), item(id="a")], place="items")
    assert caught.value.field == "items[1].id"


def test_a_file_keeps_what_is_good_and_tells_the_rest(catalogue: Catalogue[Any]) -> None:
    rows = [ITEM | {"id": "a"}, ITEM | {"id": "b", "title": SENTENCE}, {"id": "c"},
            ITEM | {"id": "a", "title": "后来的"}]  # fmt: skip
    body = "\n".join(json.dumps(row) for row in rows).encode()
    tally = catalogue.bring("tea", rows_of(body.splitlines(keepends=True)), form=Item)
    assert (tally.received, tally.changed, tally.rejected, tally.unlawful) == (4, 1, 2, 1)
    assert [(line, type(why)) for line, why in sorted(tally.first, key=lambda one: one[0])] == [
        (2, Unlawful), (3, BadInput),
    ]  # fmt: skip
    assert catalogue.find("tea", Item, id="a").title == "后来的", "the last one counts"
    with pytest.raises(NotFound):
        catalogue.find("tea", Item, id="b")


def test_an_empty_file_is_told(catalogue: Catalogue[Any]) -> None:
    with pytest.raises(BadInput):
        catalogue.bring("tea", [], form=Item)


def test_pages_go_on_after_the_last_id(catalogue: Catalogue[Any]) -> None:
    catalogue.put("tea", [store(id=f"s{n}") for n in range(5)], place="stores")
    first = catalogue.page("tea", Store, limit=3)
    rest = catalogue.page("tea", Store, after=first[-1].id, limit=3)
    assert [one.id for one in [*first, *rest]] == [f"s{n}" for n in range(5)]
    assert catalogue.page("other", Store) == []
    with pytest.raises(BadInput):
        catalogue.page("tea", Store, limit=0)


def test_an_item_may_be_of_another_industry_than_its_merchant(catalogue: Catalogue[Any]) -> None:
    with pytest.raises(Unlawful) as caught:
        catalogue.put("tea", [item(industry="cosmetics")], place="item")
    assert "化妆品" in caught.value.verdict.hits[0].article
    assert catalogue.put(
        "tea", [item(industry="cosmetics", registration="沪G妆网备字2026000001")], place="item"
    ).changed  # fmt: skip
