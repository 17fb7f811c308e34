"""Ads on a page: exact shares of the whole of it, and room between them."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.decisions.touchpoints import touchpoint

from quanyu.decisions.asking import Page
from quanyu.decisions.guards.load import ad_places, ad_positions, ads_allowed

# (ads per thousand, modules, ads elsewhere) → how many more
SHARES = [
    (300, 10, 0, 3), (300, 10, 3, 0), (300, 10, 5, 0), (300, 9, 0, 2), (300, 3, 0, 0),
    (300, 20, 2, 4), (1000, 4, 0, 4), (0, 10, 0, 0), (100, 10, 0, 1), (100, 9, 0, 0),
    (299, 10, 0, 2), (333, 3, 0, 0), (334, 3, 0, 1),
]  # fmt: skip


@pytest.mark.parametrize(("permille", "modules", "elsewhere", "more"), SHARES)
def test_the_share_is_of_the_whole_page(
    permille: int, modules: int, elsewhere: int, more: int
) -> None:
    place = touchpoint(ad_permille_max=permille)
    assert ads_allowed(place, Page(modules=modules, ads=elsewhere)) == more


def test_where_nothing_is_sold_no_ad_is_allowed() -> None:
    assert ads_allowed(touchpoint(kinds=["item"]), Page(modules=10)) == 0


# (slots, other things, page) → positions; three in ten may be ads, two modules between
ROOM = [
    (10, 10, None, (0, 3, 6)), (10, 7, None, (0, 3, 6)), (10, 6, None, (0, 3)),
    (10, 5, None, (0, 3)), (10, 4, None, (0,)),
    (10, 3, None, (0,)), (10, 2, None, ()), (10, 0, None, ()), (4, 10, None, (0,)),
    (4, 4, Page(modules=40), (0, 3)), (4, 1, Page(modules=40), (0,)),
    (4, 4, Page(modules=40, ads=12), ()), (4, 4, Page(modules=40, ads=11), (0,)),
    (4, 4, Page(modules=40, since_ad=0), (2,)),
]  # fmt: skip


@pytest.mark.parametrize(("slots", "organic", "page", "places"), ROOM)
def test_a_list_that_is_short_of_things_is_short_of_ads(
    slots: int, organic: int, page: Page | None, places: tuple[int, ...]
) -> None:
    assert ad_places(touchpoint(), page, slots=slots, organic=organic) == places


# (gap, since the last ad, slots) → positions; the load allows all
PLACES = [
    (2, None, 10, (0, 3, 6, 9)), (1, None, 5, (0, 2, 4)), (0, None, 3, (0, 1, 2)),
    (2, 0, 10, (2, 5, 8)), (2, 1, 10, (1, 4, 7)), (2, 2, 4, (0, 3)), (2, 9, 4, (0, 3)),
    (9, 0, 4, ()), (3, None, 1, (0,)),
]  # fmt: skip


@pytest.mark.parametrize(("gap", "since", "slots", "places"), PLACES)
def test_ads_keep_their_distance(
    gap: int, since: int | None, slots: int, places: tuple[int, ...]
) -> None:
    found = ad_positions(
        touchpoint(ad_gap=gap, ad_permille_max=1000),
        Page(modules=50, since_ad=since),
        slots=slots,
    )
    assert found == places


@given(
    permille=st.integers(0, 1000), gap=st.integers(0, 6), modules=st.integers(1, 60),
    elsewhere=st.integers(0, 20), since=st.none() | st.integers(0, 8), slots=st.integers(1, 50),
)  # fmt: skip
def test_no_page_is_ever_over_its_load_or_under_its_gap(
    permille: int, gap: int, modules: int, elsewhere: int, since: int | None, slots: int
) -> None:
    page = Page(modules=modules, ads=elsewhere, since_ad=since)
    found = ad_positions(touchpoint(ad_permille_max=permille, ad_gap=gap), page, slots=slots)
    if found:
        assert (elsewhere + len(found)) * 1000 <= permille * modules
        assert since is None or since + found[0] >= gap
    assert all(after - before > gap for before, after in pairwise(found))
    assert all(0 <= one < slots for one in found)
