"""What is kept of answers: once, of whom it may, and read again as it was."""

import threading
from itertools import count

import pytest
from tests.engine_ground import SHOES, TEA, said, settled, tell
from tests.viewers_ground import ad, keep, kept_of, nodes, record, trace_of

from quanyu.clock import DAY_US
from quanyu.decisions.serving.record import Record
from quanyu.storage.postgres.decisions import learning, log
from quanyu.wiring import Engine

_numbers = count(1)


def trace() -> bytes:
    return trace_of(2_000_000 + next(_numbers))


def found(engine: Engine, wanted: bytes, merchant: str = TEA) -> Record | None:
    with engine.database.transaction() as tx:
        return engine.decision_log.find(tx, merchant, trace=wanted)


def met(engine: Engine) -> tuple[str, tuple[int, ...]]:
    who = f"l{next(_numbers)}"
    tell(engine, TEA, said(who, {"taobao_id": who}, at_us=engine.clock.now_us()))
    settled(engine)
    return who, nodes(engine, who)


def off(engine: Engine, who: str) -> None:
    engine.privacy.personalise(TEA, f"taobao_id:{who}", on=False)


class TestTheLog:
    def test_what_is_kept_is_found_as_it_was(self, engine: Engine) -> None:
        _, held = met(engine)
        now_us = engine.clock.now_us()
        personal = record(trace(), now_us, nodes=held, told=b"\x00\xff why")
        plain = record(trace(), now_us + 1)
        keep(engine, personal, plain)
        assert found(engine, personal.trace) == personal
        assert found(engine, plain.trace) == plain

    def test_another_s_and_unknown_ones_are_not(self, engine: Engine) -> None:
        one = record(trace(), engine.clock.now_us())
        keep(engine, one)
        assert found(engine, one.trace, SHOES) is None
        assert found(engine, trace()) is None
        assert found(engine, one.trace, "nobody has this name") is None

    def test_a_trace_that_stands_there_is_left_as_it_is(self, engine: Engine) -> None:
        first = record(trace(), engine.clock.now_us(), told=b"first")
        keep(engine, first)
        again = record(first.trace, first.at_us + 9, told=b"second")
        other = record(trace(), first.at_us, told=b"new")
        keep(engine, again, other, record(other.trace, 0, told=b"twice in one group"))
        assert found(engine, first.trace) == first
        assert found(engine, other.trace) == other

    def test_nothing_is_kept_of_nothing(self, engine: Engine) -> None:
        keep(engine)

    def test_a_personal_answer_to_who_switched_off_meanwhile_is_not_kept(
        self, engine: Engine
    ) -> None:
        (who, held), (_, others) = met(engine), met(engine)
        now_us = engine.clock.now_us()
        off(engine, who)
        mine, theirs = record(trace(), now_us, nodes=held), record(trace(), now_us, nodes=others)
        keep(engine, mine, theirs, contacts=[(held[0], ad(now_us)), (others[0], ad(now_us))])
        assert (found(engine, mine.trace), found(engine, theirs.trace)) == (None, theirs)
        assert (kept_of(engine, held), kept_of(engine, others)) == ((0, 0), (1, 1))

    def test_nor_one_to_who_was_erased_meanwhile(self, engine: Engine) -> None:
        who, held = met(engine)
        assert engine.privacy.erase(TEA, f"taobao_id:{who}") is not None
        keep(engine, record(trace(), engine.clock.now_us(), nodes=held))
        assert kept_of(engine, held) == (0, 0)

    def test_between_gives_each_once_in_order_over_pages(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(log, "PAGE", 3)
        begin_us = engine.clock.now_us() + DAY_US
        made = [record(trace(), begin_us + n // 4) for n in range(10)]
        before, after = record(trace(), begin_us - 1), record(trace(), begin_us + 9)
        keep(engine, *reversed(made), before, after)
        with engine.database.transaction() as tx:
            span = engine.decision_log.between(tx, TEA, from_us=begin_us, to_us=begin_us + 9)
            assert list(span) == made
            empty = engine.decision_log.between(tx, TEA, from_us=begin_us, to_us=begin_us)
            assert list(empty) == []

    def test_a_trace_is_16_bytes(self, engine: Engine) -> None:
        with pytest.raises(Exception, match="check constraint"):
            keep(engine, record(b"short", engine.clock.now_us()))


class TestRacesWithTheSwitch:
    """Whoever switches off waits for the answer that is being kept, and then takes it away."""

    def test_an_answer_that_is_being_kept(self, engine: Engine) -> None:
        who, held = met(engine)
        now_us = engine.clock.now_us()
        switching = threading.Thread(target=off, args=(engine, who))
        with engine.database.transaction() as tx:
            one = record(trace(), now_us, nodes=held)
            engine.decision_log.keep(tx, TEA, records=[one])
            engine.contacts.keep(tx, TEA, contacts=[(held[0], ad(now_us))])
            switching.start()
            switching.join(0.2)
            assert switching.is_alive(), "the switch waits"
        switching.join(10)
        assert not switching.is_alive()
        assert kept_of(engine, held) == (0, 0)

    def test_many_at_once_leave_nothing(self, engine: Engine) -> None:
        people = [met(engine) for _ in range(4)]
        now_us, begin = engine.clock.now_us(), threading.Barrier(8)

        def serve() -> None:
            begin.wait(10)
            for _ in range(5):
                keep(
                    engine, *[record(trace(), now_us, nodes=held) for _, held in people],
                    contacts=[(held[0], ad(now_us)) for _, held in people],
                )  # fmt: skip

        def switch(who: str) -> None:
            begin.wait(10)
            off(engine, who)

        threads = [threading.Thread(target=serve) for _ in range(4)]
        threads += [threading.Thread(target=switch, args=(who,)) for who, _ in people]
        for one in threads:
            one.start()
        for one in threads:
            one.join(30)
        assert [kept_of(engine, held) for _, held in people] == [(0, 0)] * 4


class TestLearningRows:
    def test_what_was_told_and_what_came_of_it(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(learning, "PAGE", 2)
        begin_us = engine.clock.now_us() + 2 * DAY_US
        made = [record(trace(), begin_us + n, told=bytes([n])) for n in range(5)]
        keep(engine, *made)
        about = {"decision": made[3].trace.hex(), "item": "i1"}
        for position, kind in ((7, "click"), (1, "impression"), (7, "favourite")):
            event = said(f"learn-{position}-{kind}", {"taobao_id": "lou"}, kind=kind, **about,
                         at_us=engine.clock.now_us(), props={"position": position})  # fmt: skip
            tell(engine, TEA, event)
            settled(engine)
            engine.clock.advance(1)  # type: ignore[attr-defined]
        pages = list(engine.learning_rows.pages(TEA, from_us=begin_us, to_us=begin_us + 5))
        assert [len(page) for page in pages] == [2, 2, 1]
        rows = [row for page in pages for row in page]
        assert [(row.trace, row.told) for row in rows] == [(one.trace, one.told) for one in made]
        came = [(one.position, one.kind) for one in rows[3].outcomes]
        assert came == [(1, "impression"), (7, "click"), (7, "favourite")]
        assert [row.outcomes for n, row in enumerate(rows) if n != 3] == [()] * 4

    def test_of_a_merchant_nobody_knows(self, engine: Engine) -> None:
        assert list(engine.learning_rows.pages("nobody", from_us=0, to_us=9)) == []
