"""From all items to candidates: which sources speak, who is left out, and the order."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.recall_ground import (
    IDS,
    NOW_US,
    PEOPLE_SQUARE,
    full_index,
    good,
    ids,
    moment,
    shelf,
    taste,
)

from quanyu.clock import DAY_US
from quanyu.decisions.asking import Point
from quanyu.decisions.recall.index import RecallIndex, empty_index
from quanyu.decisions.recall.recalling import SOURCES, Candidates, Limits, Source, recall
from quanyu.decisions.recall.words import shipped_words
from quanyu.decisions.taste import NOBODY

HERE = Point(*PEOPLE_SQUARE)


@pytest.fixture(scope="module")
def index() -> RecallIndex:
    return full_index(
        shelf(good("kite", "春天的风筝", "outdoor", "风筝", since_us=NOW_US - DAY_US))
    )


def by_source(index: RecallIndex, found: Candidates) -> dict[Source, set[str]]:
    return {
        source: set(ids(index.goods, found.rows[(found.sources & source) > 0]))
        for source in SOURCES
        if (found.sources & source).any()
    }


def test_a_stranger_without_anything_gets_popular_and_new(index: RecallIndex) -> None:
    found = recall(index, moment(), taste=NOBODY)
    sources = by_source(index, found)
    assert set(sources) == {Source.POPULAR, Source.FRESH}
    assert sources[Source.FRESH] == {"kite"}
    assert sources[Source.POPULAR] == {"tent", "lamp", "rog", "mouse", "hotpot"}
    assert found.missing == ()


def test_a_query_brings_what_it_says(index: RecallIndex) -> None:
    found = recall(index, moment("马铃薯"), taste=NOBODY)
    assert by_source(index, found)[Source.QUERY] == {"potato"}
    assert index.goods.ids[int(found.rows[0])] == "potato"


def test_a_wrong_key_says_what_it_was_taken_for(index: RecallIndex) -> None:
    found = recall(index, moment("zhangpeng"), taste=NOBODY)
    assert found.read_as == ("帐篷",)
    assert by_source(index, found)[Source.QUERY] == {"tent"}


def test_a_taste_brings_what_goes_with_it(index: RecallIndex) -> None:
    sources = by_source(index, recall(index, moment(), taste=taste("tent")))
    assert "lamp" in sources[Source.SIMILAR]
    assert "tent" not in sources[Source.SIMILAR]
    assert sources[Source.CATEGORY] == {"tent"}, "popular among tents"


def test_what_is_in_hand_is_no_candidate(index: RecallIndex) -> None:
    found = recall(index, moment("帐篷", basket=("tent", "unknown")), taste=taste("tent"))
    names = ids(index.goods, found.rows)
    assert "tent" not in names
    assert "lamp" in names


def test_a_scene_brings_what_fits(index: RecallIndex) -> None:
    found = recall(index, moment(words=("露营", "周末")), taste=NOBODY)
    assert by_source(index, found)[Source.SCENE] == {"tent", "lamp"}


def test_stores_near_by_bring_goods_of_their_shops(index: RecallIndex) -> None:
    sources = by_source(index, recall(index, moment(here=HERE), taste=NOBODY))
    assert sources[Source.NEAR] == {"hotpot", "cleanser", "lipstick"}, "outdoor is shut"
    late = Limits(open_now=False)
    sources = by_source(index, recall(index, moment(here=HERE), taste=NOBODY, limits=late))
    assert {"tent", "lamp", "kite"} <= sources[Source.NEAR]
    close = Limits(radius_m=300)
    sources = by_source(index, recall(index, moment(here=HERE), taste=NOBODY, limits=close))
    assert sources[Source.NEAR] == {"hotpot"}


def test_stores_along_a_way_too(index: RecallIndex) -> None:
    lat, lng = PEOPLE_SQUARE
    way = (HERE, Point(lat + 0.01, lng + 0.018))
    sources = by_source(index, recall(index, moment(route=way), taste=NOBODY))
    assert sources[Source.ROUTE] == {"hotpot", "cleanser", "lipstick"}


def test_the_nearest_counts_most(index: RecallIndex) -> None:
    found = recall(index, moment(here=HERE), taste=NOBODY)
    near = found.scores[:, SOURCES.index(Source.NEAR)]
    score = dict(zip(ids(index.goods, found.rows), near.tolist(), strict=True))
    assert 1 > score["hotpot"] > score["lipstick"] > 0


def test_scores_stand_where_the_bits_say(index: RecallIndex) -> None:
    found = recall(index, moment("露营", here=HERE, words=("户外",)), taste=taste("tent"))
    for place, source in enumerate(SOURCES):
        assert ((found.sources & source > 0) == (found.scores[:, place] > 0)).all()


def test_found_by_several_comes_before_found_by_one(index: RecallIndex) -> None:
    found = recall(index, moment("露营", words=("露营",)), taste=taste("tent"))
    assert ids(index.goods, found.rows)[:2] == ["lamp", "tent"]


PARTS = {
    "learned": (moment(), {"learned": None}, ("learned",)),
    "places": (moment(here=HERE), {"places": None}, ("places",)),
    "places for a way": (moment(route=(HERE, HERE)), {"places": None}, ("places",)),
    "places nobody asked for": (moment(), {"places": None}, ()),
    "all": (moment(here=HERE), {"places": None, "learned": None}, ("places", "learned")),
}


@pytest.mark.parametrize("name", PARTS)
def test_a_part_that_is_not_there_is_named_and_the_rest_answers(
    index: RecallIndex, name: str
) -> None:
    asked, without, missing = PARTS[name]
    found = recall(replace(index, **without), asked, taste=taste("tent"))  # type: ignore[arg-type]
    assert found.missing == missing
    assert "kite" in ids(index.goods, found.rows)


def test_an_empty_shop_answers_nothing_and_raises_nothing() -> None:
    nothing = empty_index(shipped_words().synonyms)
    everything = moment(
        "帐篷", words=("露营",), here=HERE, route=(HERE, HERE), basket=("tent",)
    )  # fmt: skip
    found = recall(nothing, everything, taste=taste("tent"))
    assert len(found) == 0
    assert found.scores.shape == (0, len(SOURCES))
    assert set(found.missing) == {"places", "learned"}


def test_no_more_than_asked(index: RecallIndex) -> None:
    whole = recall(index, moment("露营"), taste=taste("tent"))
    three = recall(index, moment("露营"), taste=taste("tent"), limits=Limits(most=3))
    assert three.rows.tolist() == whole.rows[:3].tolist()
    assert len(recall(index, moment(), taste=NOBODY, limits=Limits(most=0))) == 0


moments = st.builds(
    moment,
    query=st.sampled_from(["", "露营", "手机壳", "zhangpeng", "！！"]),
    words=st.sampled_from([(), ("露营",), ("办公", "电脑")]),
    here=st.sampled_from([None, HERE]),
    basket=st.lists(st.sampled_from([*IDS, "?"]), max_size=3).map(tuple),
)
tastes = st.lists(st.sampled_from([*IDS, "gone"]), max_size=5).map(lambda items: taste(*items))


@given(moments, tastes, st.integers(1, 12))
@settings(max_examples=60)
def test_asked_twice_answered_the_same(index: RecallIndex, asked, did, most: int) -> None:  # type: ignore[no-untyped-def]
    first, again = (recall(index, asked, taste=did, limits=Limits(most=most)) for _ in range(2))
    assert first.rows.tolist() == again.rows.tolist()
    assert first.sources.tolist() == again.sources.tolist()
    np.testing.assert_array_equal(first.scores, again.scores)
    assert len(set(first.rows.tolist())) == len(first) <= most
    assert not set(ids(index.goods, first.rows)) & set(asked.basket)
    assert (first.sources > 0).all()
