"""What an erasure counts, proves and takes up again, whichever step it was stopped in."""

from pathlib import Path
from typing import Any

import psycopg
import pytest
from tests.profile_town import SHOP, Town

from quanyu.clock import DAY_US, HOUR_US, FixedClock
from quanyu.customers.privacy.erasure import Receipt
from quanyu.storage.postgres import erasure
from quanyu.storage.postgres.compaction import write_anew
from quanyu.storage.postgres.database import Database

LI = ("taobao_id", "li")
LI_EATS = ("eleme_id", "li-eats")
WANG = ("taobao_id", "wang")
STEPS = ("events", "lake", "tables")
STOPS = ("requested", *STEPS, "compacted")


class PowerCut(Exception):
    pass


@pytest.fixture
def town(database: Database, clock: FixedClock, data_dir: Path) -> Town:
    """Li by two identifiers and Wang, most of it in the lake already."""
    built = Town(database, clock, lake_dir=data_dir / "lake")
    for merchant in (SHOP, "rival"):
        built.says(
            bought(built, LI), bought(built, LI_EATS), bought(built, WANG), merchant=merchant
        )
    built.link(LI, LI_EATS)
    built.clock.advance(DAY_US)
    built.flush_lake()
    built.says(bought(built, LI, 0.5))
    built.privacy.grant(SHOP, text(LI), purpose="marketing_messages")
    built.clock.advance(1)
    built.privacy.withdraw(SHOP, text(LI_EATS), purpose="analytics")
    return built


def text(who: tuple[str, str]) -> str:
    return ":".join(who)


def bought(town: Town, who: tuple[str, str], days_ago: float = 1) -> dict[str, Any]:
    order = f"{who[1]}-{days_ago}"
    return town.event("payment_completed", who, days_ago=days_ago, order=order, amount=5_000)


def power_cut(monkeypatch: pytest.MonkeyPatch, stop: str) -> None:
    def killpoint(name: str) -> None:
        if name == f"erasure.{stop}":
            raise PowerCut

    monkeypatch.setattr(erasure, "killpoint", killpoint)


def state(town: Town) -> list[str]:
    """Steps that are ticked off in the open request."""
    ((steps,),) = town.rows("SELECT steps FROM erasure WHERE finished_us IS NULL")
    return sorted(steps)


def erased_at_once(town: Town) -> Receipt:
    receipt = town.privacy.erase(SHOP, text(LI))
    assert receipt is not None
    return receipt


COUNTS = {
    "identifiers": 2, "quarantine": 0, "lake_events": 2, "history": 3, "tags": 2, "consents": 2,
    "suppressions": 0, "identity": 2,
}  # fmt: skip


def test_a_receipt_counts_and_dates_what_was_removed(town: Town) -> None:
    asked_us = town.clock.now_us()
    receipt = erased_at_once(town)
    assert {name: receipt.erased[name] for name in COUNTS} == COUNTS
    assert receipt.erased["events"] >= 1
    assert (receipt.requested_us, receipt.finished_us) == (asked_us, asked_us)
    shown = receipt.as_json()
    assert shown.keys() == {"receipt", "erased", "requested_at", "finished_at"}
    assert shown["requested_at"] == "2026-03-11T12:00:00.000001+08:00"
    assert not any(secret in str(shown) for secret in ("taobao", town.token(LI)[1].hex()))


@pytest.mark.parametrize("stop", STOPS)
def test_the_receipt_is_the_same_wherever_the_power_was_cut(
    town: Town, stop: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    power_cut(monkeypatch, stop)
    asked_us = town.clock.now_us()
    with pytest.raises(PowerCut):
        town.privacy.erase(SHOP, text(LI))
    monkeypatch.undo()
    ticked = STEPS[: STOPS.index(stop)]
    assert state(town) == sorted(ticked)
    town.clock.advance(HOUR_US)
    (receipt,) = town.privacy.resume()
    assert {name: receipt.erased[name] for name in COUNTS} == COUNTS
    assert (receipt.requested_us, receipt.finished_us) == (asked_us, asked_us + HOUR_US)
    assert town.privacy.erased(SHOP, text(LI)) == receipt.number
    assert town.profiles.profile(SHOP, text(LI_EATS)) is None
    assert town.privacy.resume() == []


def test_power_may_be_cut_after_every_step_in_turn(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    power_cut(monkeypatch, "requested")
    with pytest.raises(PowerCut):
        town.privacy.erase(SHOP, text(LI))
    for stop in (*STEPS, "compacted"):
        power_cut(monkeypatch, stop)
        with pytest.raises(PowerCut):
            town.privacy.resume()
    monkeypatch.undo()
    (receipt,) = town.privacy.resume()
    assert {name: receipt.erased[name] for name in COUNTS} == COUNTS


def test_a_step_that_fails_halfway_has_done_nothing(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any, **__: Any) -> int:
        raise PowerCut

    monkeypatch.setattr("tests.profile_town.forget_nodes", broken)
    before = town.rows("SELECT count(*) FROM history"), town.rows("SELECT count(*) FROM consent")
    with pytest.raises(PowerCut):
        town.privacy.erase(SHOP, text(LI))
    assert state(town) == ["events", "lake"]
    after = town.rows("SELECT count(*) FROM history"), town.rows("SELECT count(*) FROM consent")
    assert after == before
    monkeypatch.undo()
    (receipt,) = town.privacy.resume()
    assert receipt.erased["history"] == 3


def test_several_open_requests_are_finished_oldest_first(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    for merchant, who in ((SHOP, WANG), ("rival", LI), (SHOP, LI)):
        power_cut(monkeypatch, "requested")
        with pytest.raises(PowerCut):
            town.privacy.erase(merchant, text(who))
        town.clock.advance(1)
    monkeypatch.undo()
    done = town.privacy.resume()
    assert [receipt.erased["identifiers"] for receipt in done] == [1, 1, 2]
    assert len({receipt.number for receipt in done}) == 3
    assert town.privacy.erased("rival", text(LI)) == done[1].number


class TestProofs:
    def test_every_identifier_of_the_person_proves_it(self, town: Town) -> None:
        receipt = erased_at_once(town)
        for who in (LI, LI_EATS):
            assert town.privacy.erased(SHOP, text(who)) == receipt.number
        assert town.privacy.erased(SHOP, text(WANG)) is None

    def test_a_proof_holds_for_one_merchant_alone(self, town: Town) -> None:
        erased_at_once(town)
        assert town.privacy.erased("rival", text(LI)) is None
        assert town.privacy.erased("nobody's shop", text(LI)) is None
        assert town.tags(LI, "rival")["purchases_total"] == 1

    def test_there_is_no_proof_before_the_end(
        self, town: Town, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        power_cut(monkeypatch, "tables")
        with pytest.raises(PowerCut):
            town.privacy.erase(SHOP, text(LI))
        assert town.privacy.erased(SHOP, text(LI)) is None

    def test_who_comes_back_and_leaves_again_has_a_newer_receipt(self, town: Town) -> None:
        first = erased_at_once(town)
        town.clock.advance(DAY_US)
        town.says(bought(town, LI, 0))
        second = erased_at_once(town)
        assert second.erased["identifiers"] == 1
        assert town.privacy.erased(SHOP, text(LI)) == second.number
        assert town.privacy.erased(SHOP, text(LI_EATS)) == first.number

    def test_the_row_that_stays_holds_hashes_alone(self, town: Town) -> None:
        tokens = [town.token(who)[1] for who in (LI, LI_EATS)]
        receipt = erased_at_once(town)
        ((number, proofs, consents),) = town.rows("SELECT receipt, proofs, consents FROM erasure")
        assert number == receipt.number
        assert len(set(proofs)) == 2
        assert {len(proof) for proof in (*proofs, consents)} == {16}
        assert not set(map(bytes, proofs)) & set(tokens)


def test_the_same_ledger_gives_every_receipt_another_proof(town: Town) -> None:
    erased_at_once(town)
    assert town.privacy.erase("rival", text(LI)) is not None
    assert town.privacy.erase("rival", text(WANG)) is not None
    kept = town.rows("SELECT consents FROM erasure WHERE merchant_no = 2")
    assert len(set(kept)) == len(kept)


def test_tables_in_use_do_not_hold_up_an_erasure_for_ever(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quanyu.storage.postgres.compaction.LOCK_TIMEOUT", "50ms")
    with psycopg.connect(town.database.url) as reader:
        reader.execute("SELECT count(*) FROM history").fetchall()
        write_anew(town.database, only="history")
    assert town.tags(WANG)["purchases_total"] == 1


@pytest.mark.parametrize("size_max", [0, 256 << 20])
def test_writing_anew_changes_no_row(
    town: Town, size_max: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("quanyu.storage.postgres.compaction.COMPACT_BYTES_MAX", size_max)
    before = {who: town.profile(who).as_json() for who in (LI, WANG)}
    write_anew(town.database)
    assert {who: town.profile(who).as_json() for who in (LI, WANG)} == before
