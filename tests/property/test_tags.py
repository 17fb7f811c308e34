"""States depend on which events were seen, never on their order, their grouping or their node."""

from collections.abc import Sequence

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from quanyu.clock import DAY_US, HOUR_US, parse_iso
from quanyu.customers.profile.catalogue import States
from quanyu.customers.profile.definitions import Measure
from quanyu.customers.profile.fields import field_text, hour_of, text_of, weekday_of
from quanyu.customers.profile.loading import tag_definitions
from quanyu.customers.profile.measure import Accumulator, State, canonical
from quanyu.events.event import Event

NOW = parse_iso("2026-05-01T21:00:00+08:00")
TODAY = (NOW + 8 * HOUR_US) // DAY_US
KINDS = ("view", "payment_completed", "search", "store_searched")
CATALOGUE = tag_definitions()

texts = st.sampled_from(["美妆", "数码", "外卖", "1", "07", ""])
scalars = st.one_of(texts, st.integers(-5, 5), st.booleans(), st.sampled_from([0.5, 2.0]))


@st.composite
def events(draw: st.DrawFn) -> list[Event]:
    """Different events of one person, some of them at the same instant."""
    drawn = []
    for number in range(draw(st.integers(0, 24))):
        at_us = NOW - draw(st.sampled_from([0, 1, 2, 6, 29, 30, 45, 90, 400])) * DAY_US
        at_us -= draw(st.integers(0, 23)) * HOUR_US
        props = draw(
            st.dictionaries(
                st.sampled_from(["category", "cuisine", "place", "birth_year", "gender", "city"]),
                scalars,
                max_size=4,
            )
        )
        drawn.append(
            Event(
                event_id=f"e{number}",
                kind=draw(st.sampled_from(KINDS)),
                version=1,
                at_us=at_us,
                received_us=NOW,
                touchpoint=draw(st.sampled_from(["taobao.app", "eleme.home"])),
                identifiers=(),
                amount_fen=draw(st.none() | st.integers(0, 10**6)),
                props=props,
            )
        )
    return drawn


@st.composite
def measures(draw: st.DrawFn) -> Measure:
    aggregate = draw(
        st.sampled_from(["count", "sum", "mean", "last", "first", "top_n", "days", "distinct"])
    )
    kinds = tuple(draw(st.lists(st.sampled_from(KINDS), unique=True, max_size=3)))
    top = aggregate == "top_n"
    return Measure(
        aggregate=aggregate,  # type: ignore[arg-type]
        events=kinds,
        field=draw(st.sampled_from(["category", "amount", "hour", "day", "touchpoint"])),
        where=draw(st.dictionaries(st.just("category"), st.tuples(scalars, texts), max_size=1)),  # type: ignore[arg-type]
        unless=draw(st.dictionaries(st.just("cuisine"), texts, max_size=1)),
        window_days=draw(st.none() | st.sampled_from([1, 7, 30, 90])),
        hours=draw(st.none() | st.sampled_from([(9, 18), (22, 6)])),
        weekdays=draw(st.sampled_from([(), (6, 7), (1, 2, 3)])),
        n=draw(st.integers(1, 4)) if top else 1,
        weights=dict.fromkeys(kinds[:1], 3) if top else {},
        weight_min=draw(st.integers(1, 3)) if top else 1,
    )


def fold(accumulator: Accumulator, some: Sequence[Event]) -> State | None:
    state = None
    for event in some:
        state = accumulator.fold(state, event, day=(event.at_us + 8 * HOUR_US) // DAY_US)
    return state


def merged(accumulator: Accumulator, *states: State | None) -> State | None:
    known = [state for state in states if state is not None]
    total = known[0] if known else None
    for state in known[1:]:
        assert total is not None
        total = accumulator.merge(total, state)
    return total


def same(left: State | None, right: State | None) -> bool:
    if left is None or right is None:
        return left is right
    return msgspec.msgpack.encode(canonical(left)) == msgspec.msgpack.encode(canonical(right))


@settings(max_examples=300, deadline=None)
@given(measure=measures(), some=events(), chance=st.randoms(use_true_random=False))
def test_order_does_not_matter(measure: Measure, some: list[Event], chance) -> None:  # type: ignore[no-untyped-def]
    accumulator = Accumulator(measure)
    shuffled = chance.sample(some, len(some))
    assert same(fold(accumulator, some), fold(accumulator, shuffled))


@settings(max_examples=300, deadline=None)
@given(measure=measures(), some=events(), data=st.data())
def test_a_person_is_the_merge_over_the_nodes(
    measure: Measure, some: list[Event], data: st.DataObject
) -> None:
    accumulator = Accumulator(measure)
    nodes: list[list[Event]] = [[], [], []]
    for event in some:
        nodes[data.draw(st.integers(0, 2))].append(event)
    a, b, c = (fold(accumulator, node) for node in nodes)
    whole = fold(accumulator, some)
    assert same(merged(accumulator, a, b, c), whole)
    assert same(merged(accumulator, merged(accumulator, c, a), b), whole)
    assert same(merged(accumulator, a, merged(accumulator, b, c)), whole)


def counts(measure: Measure, event: Event) -> bool:
    """The README's sentence, written a second time."""
    day = (event.at_us + 8 * HOUR_US) // DAY_US
    hour, texts_allowed = hour_of(event.at_us), lambda v: v if isinstance(v, tuple) else (v,)
    in_hours = measure.hours is None or (
        hour in range(*measure.hours)
        if measure.hours[0] < measure.hours[1]
        else hour not in range(measure.hours[1], measure.hours[0])
    )
    assert measure.field is not None
    return (
        (not measure.events or event.kind in measure.events)
        and in_hours
        and (not measure.weekdays or weekday_of(day) in measure.weekdays)
        and all(
            field_text(event, f) in [text_of(v) for v in texts_allowed(vs)]
            for f, vs in measure.where.items()
        )
        and all(
            field_text(event, f) not in [text_of(v) for v in texts_allowed(vs)]
            for f, vs in measure.unless.items()
        )
        and field_text(event, measure.field) is not None
        and (measure.window_days is None or TODAY - measure.window_days < day <= TODAY)
    )


def plainly(measure: Measure, some: list[Event]) -> object:
    """What the measure means, from the whole history, without states."""
    assert measure.field is not None
    pairs = [(e, field_text(e, measure.field) or "") for e in some if counts(measure, e)]
    integers = [int(t) for _, t in pairs if t.removeprefix("-").isdigit()]
    ordered = sorted((e.at_us, e.event_id, t) for e, t in pairs)
    weights: dict[str, int] = {}
    for event, text in pairs:
        weights[text] = weights.get(text, 0) + measure.weights.get(event.kind, 1)
    heavy = [(t, w) for t, w in weights.items() if w >= measure.weight_min]
    answers: dict[str, object] = {
        "count": len(pairs) or None,
        "sum": sum(integers) if integers else None,
        "mean": sum(integers) // len(integers) if integers else None,
        "last": ordered[-1][2] if ordered else None,
        "first": ordered[0][2] if ordered else None,
        "top_n": sorted(heavy, key=lambda p: (-p[1], p[0]))[: measure.n] or None,
        "days": len({(e.at_us + 8 * HOUR_US) // DAY_US for e, _ in pairs}) or None,
        "distinct": len(weights) or None,
    }
    return answers[measure.aggregate]


@settings(max_examples=500, deadline=None)
@given(measure=measures(), some=events())
def test_the_fold_means_what_the_readme_says(measure: Measure, some: list[Event]) -> None:
    accumulator = Accumulator(measure)
    assert accumulator.value(fold(accumulator, some), NOW) == plainly(measure, some)


@settings(max_examples=200, deadline=None)
@given(some=events(), chance=st.randoms(use_true_random=False))
def test_every_shipped_tag_reads_the_same_after_a_shuffle(some: list[Event], chance) -> None:  # type: ignore[no-untyped-def]
    def readings(listed: list[Event]) -> dict[str, str]:
        halves: list[States] = [{}, {}]
        for place, event in enumerate(listed):
            CATALOGUE.fold(halves[place % 2], event)
        found = CATALOGUE.read(CATALOGUE.merge(halves), NOW)
        return {key: reading.text for key, reading in found.items()}

    assert readings(some) == readings(chance.sample(some, len(some)))


@given(some=events())
def test_states_survive_their_bytes(some: list[Event]) -> None:
    states: States = {}
    for event in some:
        CATALOGUE.fold(states, event)
    raw = msgspec.msgpack.encode(states)
    assert CATALOGUE.values(msgspec.msgpack.decode(raw), NOW) == CATALOGUE.values(states, NOW)
