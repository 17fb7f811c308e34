"""From what is sent to what may be used: times, places, signals."""

import pytest
from tests.unit.decisions.serving.market import ALIBABA, HERE, MORNING, PIECES, WORDS, ask

from quanyu.clock import parse_iso
from quanyu.decisions.moment import Moment
from quanyu.decisions.recall.scenes import Contents
from quanyu.decisions.serving.moments import Around, at_us_of, check_place, moment_of
from quanyu.errors import BadInput

NOW_US = parse_iso(MORNING)
AROUND = Around(Contents(PIECES, WORDS.synonyms), WORDS, ordered={"o1": ("pot", "beef")})
EVERYTHING = {
    "query": "火锅 底料", "location": HERE, "content": "palace", "item": "tea", "basket": ["mouse"],
    "order": "o1", "route": [HERE, HERE], "device": "tv", "scene": ["露营"],
}  # fmt: skip


def moment(touchpoint: str) -> Moment:
    return moment_of(
        ask(touchpoint, **EVERYTHING), ALIBABA.touchpoint(touchpoint), at_us=NOW_US, words=WORDS,
        around=AROUND,
    )  # fmt: skip


@pytest.mark.parametrize("touchpoint", sorted(ALIBABA.by_id))
def test_only_the_signals_that_a_touchpoint_names_are_used(touchpoint: str) -> None:
    found, use = moment(touchpoint), set(ALIBABA.touchpoint(touchpoint).signals)
    assert bool(found.query) == ("query" in use)
    assert (found.here is not None) == ("location" in use)
    assert bool(found.route) == ("route" in use)
    assert bool(found.device) == ("device" in use)
    assert ("古装" in found.words) == ("content" in use)
    hand = {"item": {"tea"}, "basket": {"mouse"}, "order": {"pot", "beef"}}
    assert set(found.basket) == {one for name, items in hand.items() if name in use
                                 for one in items}  # fmt: skip
    assert (found.hour, found.weekday) == (10, 1)


def test_a_piece_nobody_knows_and_an_order_nobody_placed_say_nothing() -> None:
    around = Around(None, WORDS, ordered={})
    asked = ask("alipay.paid", order="o9", content="nowhere")
    found = moment_of(
        asked, ALIBABA.touchpoint("alipay.paid"), at_us=NOW_US, words=WORDS, around=around
    )
    assert found.basket == ()


TIMES = [
    (None, NOW_US), ("2026-03-10T09:00:00+08:00", NOW_US - 3_600_000_000),
    ("2026-03-10T10:09:00+08:00", NOW_US + 540_000_000),
]  # fmt: skip


@pytest.mark.parametrize(("said", "at_us"), TIMES)
def test_the_time_that_counts(said: str | None, at_us: int) -> None:
    context = ask("youku.pause", **({} if said is None else {"at": said})).context
    assert at_us_of(context, NOW_US) == at_us


@pytest.mark.parametrize("said", ["soon", "2026-03-10", "2026-03-10T10:00:00", "",
                                  "2027-01-01T00:00:00+08:00"])  # fmt: skip
def test_no_time_and_times_to_come_are_refused(said: str) -> None:
    with pytest.raises(BadInput) as caught:
        at_us_of(ask("youku.pause", at=said).context, NOW_US)
    assert caught.value.field == "context.at"


OUTSIDE = [(48.85, 2.35), (-33.9, 151.2), (116.4, 39.9)]


@pytest.mark.parametrize(("lat", "lng"), OUTSIDE[:2])
def test_places_outside_the_country_are_refused(lat: float, lng: float) -> None:
    there = {"lat": lat, "lng": lng}
    with pytest.raises(BadInput) as caught:
        check_place(ask("amap.nearby", location=there).context)
    assert caught.value.field == "context.location"
    with pytest.raises(BadInput) as caught:
        check_place(ask("amap.route", route=[HERE, there]).context)
    assert caught.value.field == "context.route[1]"


def test_places_inside_pass() -> None:
    for lat, lng in ((39.91, 116.40), (22.3, 114.2), (45.8, 126.5), (43.8, 87.6), (18.2, 109.5)):
        check_place(ask("amap.nearby", location={"lat": lat, "lng": lng}).context)
