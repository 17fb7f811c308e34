"""Packed deeds: the newest, whatever the order and the batches in which they came."""

from hypothesis import given
from hypothesis import strategies as st

from quanyu.decisions.taste import KEPT, KINDS, Deed
from quanyu.events.event import Event
from quanyu.storage.postgres.recent_deeds import NONE, newest_of, with_deeds

FAR_US = 10**9


def event(kind: str, at_us: int, item: str | None) -> Event:
    return Event("e", kind, 1, at_us, at_us, "t", (), item=item)


EVENTS = st.lists(
    st.builds(
        event,
        st.sampled_from([*KINDS, "click", "impression"]),
        st.integers(0, 90),
        st.sampled_from([None, "a", "b", "茶"]),
    ),
    max_size=100,
)


def expected(events: list[Event], at_us: int = FAR_US) -> list[Deed]:
    deeds = [Deed(e.item, e.kind, e.at_us) for e in events if e.kind in KINDS and e.item]
    known = [deed for deed in deeds if deed.at_us <= at_us]
    return sorted(known, key=lambda deed: (deed.at_us, deed.item, deed.kind))[-KEPT:]


def test_nobody_did_anything() -> None:
    assert with_deeds(NONE, []) == NONE
    assert with_deeds(NONE, [event("click", 1, "a"), event("view", 1, None)]) == NONE
    assert newest_of([], at_us=FAR_US) == ()
    assert newest_of([NONE, NONE], at_us=FAR_US) == ()


@given(events=EVENTS, cut=st.integers(0, 100), data=st.data())
def test_any_order_in_any_batches_gives_the_same(
    events: list[Event], cut: int, data: st.DataObject
) -> None:
    shuffled = data.draw(st.permutations(events))
    whole = with_deeds(NONE, events)
    assert with_deeds(with_deeds(NONE, shuffled[:cut]), shuffled[cut:]) == whole
    assert list(newest_of([whole], at_us=FAR_US)) == expected(events)


@given(one=EVENTS, other=EVENTS)
def test_of_two_nodes_the_newest_over_both(one: list[Event], other: list[Event]) -> None:
    packed = [with_deeds(NONE, one), with_deeds(NONE, other)]
    assert list(newest_of(packed, at_us=FAR_US)) == expected(one + other)


def test_as_of_a_moment() -> None:
    packed = with_deeds(NONE, [event("view", at_us, "a") for at_us in (5, 6, 7)])
    assert [deed.at_us for deed in newest_of([packed], at_us=6)] == [5, 6]
