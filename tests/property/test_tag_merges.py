"""Every shipped measure by itself: a commutative monoid whose states are bytes."""

from collections.abc import Sequence
from functools import reduce

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.tag_ground import FRIDAY_NOON, SHIPPED, happened

from quanyu.clock import DAY_US, HOUR_US, day_number
from quanyu.customers.profile.measure import Accumulator, State
from quanyu.events.event import Event
from quanyu.storage.postgres.profile_projection import decode_states, encode_states

Life = list[Event]
KINDS = (
    "payment_completed", "view", "search", "click", "watch", "favourite", "add_to_cart",
    "store_searched", "coupon_redeemed", "member_joined",
)  # fmt: skip
PROPS = {
    "category": ("美妆", "数码", "外卖"),
    "cuisine": ("日式", "川湘"),
    "place": ("亲子场所", "餐厅"),
    "method": ("alipay", "card"),
    "gender": ("female", "M"),
    "birth_year": (1998, "2012", "不详"),
    "city": ("上海", "杭州"),
    "tier": ("gold",),
}
props = st.fixed_dictionaries({}, optional={k: st.sampled_from(v) for k, v in PROPS.items()})
moments = st.tuples(
    st.sampled_from([0, 1, 5, 6, 29, 30, 36, 37, 89, 90, 97, 364, 365, 372, 800]),
    st.integers(0, 23),
)


@st.composite
def lives(draw: st.DrawFn, largest: int = 10) -> list[Event]:
    events = []
    for days_ago, hour in draw(st.lists(moments, max_size=largest)):
        fields = {
            "touchpoint": draw(st.sampled_from(["taobao.app", "taobao.live", "amap.search"])),
            "amount_fen": draw(st.none() | st.integers(0, 10**6)),
            "query": draw(st.none() | st.sampled_from(["口红", "鞋"])),
        }
        kind = draw(st.sampled_from(KINDS))
        events.append(happened(kind, days_ago, hour=hour, **fields, **draw(props)))
    return events


def fold(accumulator: Accumulator, events: Sequence[Event]) -> State | None:
    state = None
    for event in events:
        state = accumulator.fold(state, event, day=day_number(event.at_us))
    return state


def joined(accumulator: Accumulator, left: State | None, right: State | None) -> State | None:
    if left is None or right is None:
        return left or right
    return accumulator.merge(left, right)


def bytes_of(state: State | None) -> bytes:
    return encode_states({} if state is None else {"m": state})


@settings(max_examples=60)
@given(a=lives(), b=lives(), c=lives())
def test_nodes_may_be_joined_in_any_grouping(a: Life, b: Life, c: Life) -> None:
    for accumulator in SHIPPED.accumulators.values():
        x, y, z = (fold(accumulator, life) for life in (a, b, c))
        inner_right = joined(accumulator, x, joined(accumulator, y, z))
        inner_left = joined(accumulator, joined(accumulator, x, y), z)
        assert bytes_of(inner_left) == bytes_of(inner_right)
        assert bytes_of(joined(accumulator, x, y)) == bytes_of(joined(accumulator, y, x))
        assert bytes_of(inner_left) == bytes_of(fold(accumulator, [*a, *b, *c]))


@settings(max_examples=60)
@given(life=lives(20), data=st.data())
def test_events_may_arrive_in_any_order(life: Life, data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(life))
    for accumulator in SHIPPED.accumulators.values():
        assert bytes_of(fold(accumulator, shuffled)) == bytes_of(fold(accumulator, life))


@settings(max_examples=60)
@given(life=lives(20), later=lives(5))
def test_a_stored_state_goes_on_as_if_it_had_never_been_stored(life: Life, later: Life) -> None:
    kept: dict[str, State] = {}
    for event in life:
        SHIPPED.fold(kept, event)
    stored = decode_states(encode_states(kept))
    assert encode_states(stored) == encode_states(kept)
    for event in later:
        SHIPPED.fold(kept, event)
        SHIPPED.fold(stored, event)
    assert encode_states(stored) == encode_states(kept)


@settings(max_examples=60)
@given(nodes=st.lists(lives(8), min_size=2, max_size=4), hours=st.integers(0, 24 * 400))
def test_merging_does_not_spend_the_states_of_the_nodes(nodes: list[Life], hours: int) -> None:
    for accumulator in SHIPPED.accumulators.values():
        states = [fold(accumulator, life) for life in nodes]
        before = [bytes_of(state) for state in states]
        whole = reduce(lambda left, right: joined(accumulator, left, right), states)
        accumulator.value(whole, FRIDAY_NOON + hours * HOUR_US)
        assert [bytes_of(state) for state in states] == before


@settings(max_examples=100)
@given(life=lives(20), days=st.integers(0, 400))
def test_reading_a_person_never_changes_the_person(life: Life, days: int) -> None:
    states: dict[str, State] = {}
    for event in life:
        SHIPPED.fold(states, event)
    before, at_us = encode_states(states), FRIDAY_NOON + days * DAY_US
    assert SHIPPED.read(states, at_us) == SHIPPED.read(states, at_us)
    assert encode_states(states) == before
