"""What goes of what was shown to people: at the switch, with minors, at an erasure, by its term."""

from itertools import count

import pytest
from tests.engine_ground import TEA, rows, said, settled, tell
from tests.viewers_ground import ad, keep, kept_of, nodes, record, trace_of

from quanyu.clock import DAY_US
from quanyu.wiring import Engine

_numbers = count(1)


def shown(engine: Engine, *, ids: dict[str, str] | None = None) -> tuple[str, tuple[int, ...]]:
    """Somebody with one contact and one decision."""
    who, now_us = f"f{next(_numbers)}", engine.clock.now_us()
    tell(engine, TEA, said(f"{who}-1", {"taobao_id": who} | (ids or {}), at_us=now_us))
    settled(engine)
    held = nodes(engine, who)
    one = record(trace_of(4_000_000 + next(_numbers)), now_us, nodes=held, told=b"why")
    keep(engine, one, contacts=[(held[-1], ad(now_us, campaign=who))])
    assert kept_of(engine, held) == (1, 1)
    return who, held


class TestTheOffSwitch:
    def test_takes_it_at_once(self, engine: Engine) -> None:
        (who, held), (_, others) = shown(engine), shown(engine)
        engine.privacy.personalise(TEA, f"taobao_id:{who}", on=False)
        assert (kept_of(engine, held), kept_of(engine, others)) == ((0, 0), (1, 1))

    def test_of_all_nodes_of_the_person(self, engine: Engine) -> None:
        who, held = shown(engine, ids={"eleme_id": f"eats-{next(_numbers)}"})
        assert len(held) == 2
        engine.privacy.personalise(TEA, f"taobao_id:{who}", on=False)
        assert kept_of(engine, held) == (0, 0)

    def test_a_yes_takes_nothing(self, engine: Engine) -> None:
        who, held = shown(engine)
        engine.privacy.personalise(TEA, f"taobao_id:{who}", on=True)
        assert kept_of(engine, held) == (1, 1)

    def test_of_who_joins_somebody_that_is_off(self, engine: Engine) -> None:
        (one, held), (off, _) = shown(engine), shown(engine)
        engine.privacy.personalise(TEA, f"taobao_id:{off}", on=False)
        eats = {"eleme_id": f"eats-{next(_numbers)}"}
        late_us = engine.clock.now_us()
        tell(engine, TEA, said(f"{off}-e", {"taobao_id": off} | eats, at_us=late_us))
        ends = (f"taobao_id:{one}", f"eleme_id:{eats['eleme_id']}")
        engine.identity.link(TEA, ends, rule="manual", actor="clerk")
        settled(engine)
        assert kept_of(engine, held) == (0, 0)


class TestMinors:
    def test_a_year_of_birth_that_comes_late_takes_it(self, engine: Engine) -> None:
        who, held = shown(engine)
        late = said(f"{who}-b", {"taobao_id": who}, at_us=engine.clock.now_us())
        tell(engine, TEA, late | {"props": {"birth_year": 2015}})
        settled(engine)
        assert kept_of(engine, held) == (0, 0)

    def test_the_hourly_look_takes_what_came_in_between(self, engine: Engine) -> None:
        who, held = shown(engine)
        late = said(f"{who}-b", {"taobao_id": who}, at_us=engine.clock.now_us())
        tell(engine, TEA, late | {"props": {"birth_year": 2015}})
        settled(engine)
        with engine.database.transaction() as tx:
            tx.execute(
                "INSERT INTO ad_contact VALUES (1, %s, 1, 't', 'c', 'c', 'a', 'k')", [held[0]]
            )
        {chore.name: chore for chore in engine.chores}["profiles.ages"].run()
        assert kept_of(engine, held) == (0, 0)


class TestErasureAndCopy:
    def test_the_copy_lists_it_and_erasure_leaves_nothing(self, engine: Engine) -> None:
        (who, held), (_, others) = shown(engine), shown(engine)
        copy = engine.copies.of(TEA, f"taobao_id:{who}")
        assert copy is not None
        [one], [answer] = copy["shown"], copy["decisions"]
        assert (one["campaign"], one["advertiser"]) == (who, "shop")
        assert one["at"].endswith("+08:00")
        assert (answer["touchpoint"], len(answer["decision"])) == ("taobao.item", 32)
        receipt = engine.privacy.erase(TEA, f"taobao_id:{who}")
        assert receipt is not None
        assert receipt.erased["decisions"] == 2
        assert (kept_of(engine, held), kept_of(engine, others)) == ((0, 0), (1, 1))


ROWS = {
    "ad_contact": "(1, 1, %s, 't', 'c', 'c', 'a', 'k')",
    "decision": "(1, uuid_send(gen_random_uuid()), %s, 't', '{}', '')",
    "decision_outcome": "(1, uuid_send(gen_random_uuid()), 1, 'click', false, 'i', %s, 0, 1)",
}


class TestTerms:
    DAYS = (("ad_contact", "ad_contacts", 31), ("decision", "decisions", 30),
            ("decision_outcome", "decision_outcomes", 400))  # fmt: skip

    @pytest.mark.parametrize(("table", "step", "days"), DAYS)
    def test_what_is_past_its_term_goes(
        self, engine: Engine, table: str, step: str, days: int
    ) -> None:
        edge_us = engine.clock.now_us() - days * DAY_US
        with engine.database.transaction() as tx:
            for at_us in (edge_us - 1, edge_us):
                tx.execute(f"INSERT INTO {table} VALUES {ROWS[table]}", [at_us])
        assert engine.retention.run().removed[step] == 1
        left = rows(engine.database, f"SELECT min(at_us) FROM {table}")
        assert left[0][0] == edge_us

    def test_no_field_may_hold_a_location(self, engine: Engine) -> None:
        names = rows(
            engine.database,
            "SELECT column_name FROM information_schema.columns"
            " WHERE table_name IN ('decision', 'ad_contact', 'decision_outcome')",
        )
        assert not {"cell", "lat", "lng", "location"} & {name for (name,) in names}
