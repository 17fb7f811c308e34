"""What came of decisions, as events say it: each counts once, in any batches, and rebuilt."""

from itertools import count
from typing import Any

import pytest
from tests.engine_ground import SHOES, TEA, paid, rows, said, settled, tell
from tests.viewers_ground import answered, keep, nodes, record, trace_of, viewer

from quanyu.clock import DAY_US
from quanyu.decisions.serving.record import Outcome
from quanyu.storage.postgres.consumers import Source, catch_up
from quanyu.storage.postgres.decisions.outcomes import INHERITED_DAYS
from quanyu.wiring import Engine

_numbers = count(1)
WEEK_US = INHERITED_DAYS * DAY_US


def fresh() -> tuple[bytes, str]:
    """A trace, and somebody."""
    number = next(_numbers)
    return trace_of(3_000_000 + number), f"o{number}"


def happened(
    engine: Engine, who: str, kind: str, *, at_us: int, trace: bytes | None = None,
    position: Any = 1, **fields: Any,
) -> dict[str, Any]:  # fmt: skip
    named = {} if trace is None else {"decision": trace.hex(), "props": {"position": position}}
    make, extra = (paid, {}) if kind == "payment_completed" else (said, {"kind": kind})
    event_id = f"o-{next(_numbers)}"
    return make(event_id, {"taobao_id": who}, at_us=at_us, **extra, **named | fields)


def outcomes(engine: Engine, trace: bytes, merchant: str = TEA) -> list[Outcome]:
    settled(engine)
    with engine.database.transaction() as tx:
        return list(engine.decision_log.outcomes(tx, merchant, trace=trace))


def clicked(engine: Engine, who: str, trace: bytes, *, at_us: int, item: str = "lamp") -> None:
    """Somebody whom the engine knows was answered, and clicked."""
    tell(engine, TEA, happened(engine, who, "view", at_us=at_us - 9))
    settled(engine)
    answered(engine, TEA, trace, who={"taobao_id": who}, at_us=at_us - 1)
    tell(engine, TEA, happened(engine, who, "click", at_us=at_us, trace=trace, item=item))
    settled(engine)


class TestWhatEventsName:
    KINDS: tuple[tuple[str, str, dict[str, Any], int], ...] = (
        ("impression", "impression", {}, 0),
        ("click", "click", {}, 0),
        ("favourite", "favourite", {"item": "lamp"}, 0),
        ("add_to_cart", "add_to_cart", {"item": "lamp", "amount": 500}, 0),
        ("order_placed", "order_placed", {"order": "o1", "amount": 700}, 700),
        ("payment_completed", "payment_completed", {"amount": 900}, 900),
        ("store_arrived", "store_visited", {"store": "s1"}, 0),
    )

    @pytest.mark.parametrize(("kind", "outcome", "fields", "amount_fen"), KINDS)
    def test_kinds(
        self, engine: Engine, kind: str, outcome: str, fields: dict[str, Any], amount_fen: int
    ) -> None:
        (trace, who), at_us = fresh(), engine.clock.now_us()
        tell(engine, TEA, happened(engine, who, kind, at_us=at_us, trace=trace, **fields))
        [found] = outcomes(engine, trace)
        assert found == Outcome(
            trace=trace, position=1, kind=outcome, at_us=at_us, amount_fen=amount_fen
        )

    def test_other_kinds_are_none(self, engine: Engine) -> None:
        (trace, who), at_us = fresh(), engine.clock.now_us()
        for kind in ("view", "search", "refund_completed"):
            more = {"query": "x"} if kind == "search" else {"order": "o", "amount": 5}
            tell(engine, TEA, happened(engine, who, kind, at_us=at_us, trace=trace, **more))
        assert outcomes(engine, trace) == []

    @pytest.mark.parametrize("position", [None, -1, 1_000, True, 1.0, "1", 2**40])
    def test_a_position_that_is_none(self, engine: Engine, position: Any) -> None:
        (trace, who), at_us = fresh(), engine.clock.now_us()
        props = {} if position is None else {"position": position}
        event = happened(engine, who, "click", at_us=at_us, trace=trace) | {"props": props}
        tell(engine, TEA, event)
        assert outcomes(engine, trace) == []

    @pytest.mark.parametrize(
        "decision", ["x", "ab" * 15, "ab" * 17, "zz" * 16, "AB" * 16, "茶" * 32]
    )
    def test_a_trace_of_others_disturbs_nobody(self, engine: Engine, decision: str) -> None:
        event = happened(
            engine, fresh()[1], "click", at_us=engine.clock.now_us(), decision=decision
        )
        before = rows(engine.database, "SELECT count(*) FROM decision_outcome")
        tell(engine, TEA, event | {"props": {"position": 1}})
        settled(engine)
        assert rows(engine.database, "SELECT count(*) FROM decision_outcome") == before

    def test_the_earliest_time_stands_and_amounts_add_up(self, engine: Engine) -> None:
        (trace, who), at_us = fresh(), engine.clock.now_us()
        for n, fen in ((5, 300), (2, 200), (9, 1)):
            event = happened(
                engine, who, "payment_completed", at_us=at_us - n, trace=trace, amount=fen
            )
            tell(engine, TEA, event)
            settled(engine)
            assert tell(engine, TEA, event) == 0, "told again it is the same"
        [found] = outcomes(engine, trace)
        assert (found.at_us, found.amount_fen) == (at_us - 9, 501)

    def test_in_the_order_of_positions_and_of_each_merchant_its_own(self, engine: Engine) -> None:
        (trace, who), at_us = fresh(), engine.clock.now_us()
        for position, kind in ((3, "click"), (3, "impression"), (0, "impression")):
            before_us = at_us - (kind == "impression")
            event = happened(engine, who, kind, at_us=before_us, trace=trace, position=position)
            tell(engine, TEA, event)
        tell(engine, SHOES, happened(engine, who, "click", at_us=at_us, trace=trace, position=8))
        found = [(one.position, one.kind) for one in outcomes(engine, trace)]
        assert found == [(0, "impression"), (3, "impression"), (3, "click")]
        assert [one.position for one in outcomes(engine, trace, SHOES)] == [8]


class TestPaymentsThatNameNoDecision:
    @pytest.mark.parametrize(
        ("after_us", "counts"), [(0, True), (WEEK_US, True), (WEEK_US + 1, False), (-1, False)]
    )
    def test_within_seven_days_of_the_click(
        self, engine: Engine, after_us: int, counts: bool
    ) -> None:
        (trace, who), at_us = fresh(), engine.clock.now_us() - 8 * DAY_US
        clicked(engine, who, trace, at_us=at_us)
        bought = happened(
            engine, who, "payment_completed", at_us=at_us + after_us, item="lamp", amount=700
        )
        tell(engine, TEA, bought)
        found = {(one.kind, one.amount_fen) for one in outcomes(engine, trace)}
        assert (("payment_completed", 700) in found) is counts

    def test_only_of_that_item_and_that_person(self, engine: Engine) -> None:
        (trace, who), at_us = fresh(), engine.clock.now_us()
        clicked(engine, who, trace, at_us=at_us - 5)
        for buyer, item in ((who, "chair"), (fresh()[1], "lamp"), (who, None)):
            fields: dict[str, Any] = {"item": item} if item else {}
            tell(engine, TEA, happened(engine, buyer, "payment_completed", at_us=at_us, **fields))
        assert [one.kind for one in outcomes(engine, trace)] == ["click"]

    def test_the_latest_click_before_it_has_it(self, engine: Engine) -> None:
        (old, who), (new, _), (late, _) = fresh(), fresh(), fresh()
        at_us = engine.clock.now_us()
        for trace, before_us in ((old, 50), (new, 20), (late, 5)):
            clicked(engine, who, trace, at_us=at_us - before_us)
        event = happened(engine, who, "payment_completed", at_us=at_us - 10, item="lamp")
        tell(engine, TEA, event)
        found = [len(outcomes(engine, trace)) for trace in (old, new, late)]
        assert found == [1, 2, 1]

    def test_by_another_identifier_of_the_person(self, engine: Engine) -> None:
        (trace, who), at_us = fresh(), engine.clock.now_us()
        clicked(engine, who, trace, at_us=at_us - 5)
        eats = {"eleme_id": f"eats-{who}"}
        tell(engine, TEA, said(f"{who}-tie", {"taobao_id": who} | eats, at_us=at_us - 2))
        tell(engine, TEA, paid(f"{who}-eats", eats, at_us=at_us, item="lamp", amount=400))
        assert [one.amount_fen for one in outcomes(engine, trace)] == [0, 400]

    def test_one_that_names_its_decision_is_not_given_to_another(self, engine: Engine) -> None:
        (trace, who), (own, _), at_us = fresh(), fresh(), engine.clock.now_us()
        clicked(engine, who, trace, at_us=at_us - 5)
        event = happened(engine, who, "payment_completed", at_us=at_us, trace=own, item="lamp")
        tell(engine, TEA, event)
        assert [one.kind for one in outcomes(engine, trace)] == ["click"]
        assert [one.kind for one in outcomes(engine, own)] == ["payment_completed"]

    def test_whoever_got_everybody_s_answer_is_not_followed(self, engine: Engine) -> None:
        (trace, who), at_us = fresh(), engine.clock.now_us()
        keep(engine, record(trace, at_us - 9))
        tell(
            engine, TEA,
            happened(engine, who, "click", at_us=at_us - 5, trace=trace, item="lamp"),
            happened(engine, who, "payment_completed", at_us=at_us, item="lamp"),
        )  # fmt: skip
        assert [one.kind for one in outcomes(engine, trace)] == ["click"]

    def test_nor_who_switched_off_in_between(self, engine: Engine) -> None:
        (trace, who), at_us = fresh(), engine.clock.now_us()
        clicked(engine, who, trace, at_us=at_us - 5)
        engine.privacy.personalise(TEA, f"taobao_id:{who}", on=False)
        tell(engine, TEA, happened(engine, who, "payment_completed", at_us=at_us, item="lamp"))
        assert [one.kind for one in outcomes(engine, trace)] == ["click"]
        assert not viewer(engine, who).personalised


def every_row(engine: Engine) -> list[tuple[Any, ...]]:
    return sorted(rows(engine.database, "SELECT t::text FROM decision_outcome t"))


class TestReplay:
    def story(self, engine: Engine) -> bytes:
        """A click in the log after the payment that is later, one before, and one in time."""
        (trace, who), at_us = fresh(), engine.clock.now_us()
        clicked(engine, who, trace, at_us=at_us - 50)
        slot: dict[str, Any] = {"trace": trace, "item": "vase"}
        tell(
            engine, TEA,
            happened(engine, who, "payment_completed", at_us=at_us, item="vase", amount=1),
            happened(engine, who, "click", at_us=at_us - 20, **slot, position=4),
            happened(engine, who, "payment_completed", at_us=at_us, item="vase", amount=2),
            happened(engine, who, "payment_completed", at_us=at_us, item="lamp", amount=4),
            happened(engine, who, "payment_completed", at_us=at_us, trace=trace, amount=8),
        )  # fmt: skip
        return trace

    def test_a_rebuild_gives_the_same(self, engine: Engine) -> None:
        trace = self.story(engine)
        settled(engine)
        before = every_row(engine)
        for _ in range(2):
            engine.projector.rebuild("outcomes")
            assert every_row(engine) == before
        came = [(o.position, o.kind, o.amount_fen) for o in outcomes(engine, trace)]
        assert came == [
            (1, "click", 0), (1, "payment_completed", 12), (4, "click", 0),
            (4, "payment_completed", 2),
        ]  # fmt: skip

    @pytest.mark.parametrize("batch", [1, 2, 3])
    def test_batches_of_any_size_give_the_same(self, engine: Engine, batch: int) -> None:
        self.story(engine)
        settled(engine)
        before = every_row(engine)
        with engine.database.transaction() as tx:
            engine.outcomes.reset(tx)
            tx.execute('UPDATE consumer_offset SET "offset" = 0 WHERE consumer = %s', ["outcomes"])
        catch_up(Source(engine.log), engine.outcomes, batch=batch)
        assert every_row(engine) == before

    def test_what_was_inherited_outlives_its_decision(self, engine: Engine) -> None:
        """The log would not find the click's person again after 30 days."""
        trace = self.story(engine)
        settled(engine)
        before = outcomes(engine, trace)
        with engine.database.transaction() as tx:
            tx.execute("DELETE FROM decision WHERE trace = %s", [trace])
        engine.projector.rebuild("outcomes")
        assert outcomes(engine, trace) == before


def test_no_person_stands_in_an_outcome(engine: Engine) -> None:
    columns = rows(
        engine.database,
        "SELECT column_name FROM information_schema.columns WHERE table_name = 'decision_outcome'",
    )
    assert not {"node", "nodes", "person", "token"} & {name for (name,) in columns}
    assert nodes(engine, "o1"), "somebody is known all the same"
