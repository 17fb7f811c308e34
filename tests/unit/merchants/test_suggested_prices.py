"""The maker's price on an item: said whole or not at all, and what it proves beside a price."""

from datetime import date
from typing import Any

import pytest
from tests.shown_paths import ITEM
from tests.unit.compliance.prices.history import START_US, paid
from tests.unit.compliance.prices.test_service import Kept, service

from quanyu.compliance.prices.checking import Question
from quanyu.errors import BadInput
from quanyu.merchants.listings.catalogue import listing_of, page_of
from quanyu.merchants.listings.files import document_of
from quanyu.merchants.listings.item import Item

MAKER: dict[str, Any] = {
    "suggested_fen": 2_990, "suggested_source": "厂商价目表", "suggested_on": "2026-03-01"
}  # fmt: skip
LABELLED = {"reference_fen": 2_990, "reference_basis": "厂商建议零售价"}


def item(**change: Any) -> Item:
    return listing_of({**ITEM, **change}, Item)


@pytest.mark.parametrize("missing", MAKER)
def test_a_price_without_its_source_and_day_is_none(missing: str) -> None:
    part = {name: said for name, said in MAKER.items() if name != missing}
    with pytest.raises(BadInput) as caught:
        item(**part)
    assert caught.value.field == "item.suggested_fen"


@pytest.mark.parametrize(
    ("change", "field"),
    [({"suggested_fen": 0}, "suggested_fen"), ({"suggested_fen": 29.9}, "suggested_fen"),
     ({"suggested_on": "1 March"}, "suggested_on"), ({"suggested_source": ""}, "suggested_source")],
)  # fmt: skip
def test_faults(change: dict[str, Any], field: str) -> None:
    with pytest.raises(BadInput) as caught:
        item(**{**MAKER, **change})
    assert caught.value.field == f"item.{field}"


def test_the_source_is_no_text_of_the_page() -> None:
    made = item(**MAKER, **LABELLED)
    assert made.suggested_on == date(2026, 3, 1)
    assert "厂商价目表" not in page_of(made).texts.values()
    (price,) = made.prices()
    assert (price.reference_fen, price.suggested_fen) == (2_990, 2_990)


def test_cells_of_a_file() -> None:
    cells = {"id": "i1", "suggested_fen": "2990", "suggested_on": "2026-03-01"}
    assert document_of(cells) == {
        "id": "i1", "suggested_fen": 2_990, "suggested_on": "2026-03-01"
    }  # fmt: skip
    with pytest.raises(BadInput):
        document_of({"id": "i1", "suggested_fen": "29.90"})


OF = ("总店", "i1")
CASES = [
    # said with the item, on record, label, rules that are broken
    (2_990, None, "厂商建议零售价", set()),
    (None, 2_990, "厂商建议零售价", set()),
    (None, None, "厂商建议零售价", {"price.suggested_retail_unknown"}),
    (3_500, 2_990, "厂商建议零售价", {"price.suggested_retail_current"}),
    (None, 3_500, "厂商建议零售价", {"price.suggested_retail_current"}),
    (2_990, 3_500, "厂商建议零售价", set()),
    (2_990, None, "原价", {"price.suggested_retail_label"}),
    (None, None, "原价", {"price.basis_stated"}),
]


@pytest.mark.parametrize(("said", "recorded", "label", "rules"), CASES)
def test_what_proves_a_compared_price(
    said: int | None, recorded: int | None, label: str, rules: set[str]
) -> None:
    """Sold for 25 yuan yesterday; what is said with the item counts before what is on record."""
    kept = Kept(paid(1, 2_500))
    kept.makers = {} if recorded is None else {OF: recorded}
    maker = {} if said is None else {**MAKER, "suggested_fen": said}
    shown = item(**maker, reference_fen=2_990, reference_basis=label).prices()
    found = service(kept).review("m", shown, at_us=START_US)
    assert {hit.rule for hit in found.hits} == rules


def test_a_makers_price_of_one_item_proves_no_other() -> None:
    kept = Kept(paid(1, 2_500))
    kept.makers = {("总店", "i2"): 2_990, ("分店", "i1"): 2_990}
    shown = item(**LABELLED).prices()
    found = service(kept).review("m", shown, at_us=START_US)
    assert [hit.rule for hit in found.hits] == ["price.suggested_retail_unknown"]
    assert service(kept).suggested("m", ("总店", "i2")) == 2_990
    assert service(kept).suggested("m", OF) is None


@pytest.mark.parametrize(
    ("asked", "recorded", "known"), [(None, 5, 5), (7, 5, 7), (7, None, 7), (None, None, None)]
)
def test_who_asks_may_know_better(
    asked: int | None, recorded: int | None, known: int | None
) -> None:
    question = Question(at_us=START_US, suggested_fen=asked)
    assert question.knowing(recorded).suggested_fen == known
