"""The whole scan: who is flagged, who is not, and what is told of it."""

import csv
import gzip
from pathlib import Path

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trades_town import BEGIN_US, Plot, market, orders_of, sent, trade, trades_of

from quanyu.clock import DAY_US
from quanyu.compliance.trades.orders import Trade
from quanyu.compliance.trades.scan import STEPS, Report, scan
from quanyu.compliance.trades.scoring import (
    FLAGGED_FROM,
    LOCKSTEP,
    LOCKSTEP_MORE_MAX,
    lockstep_points,
)
from quanyu.compliance.trades.telling import report_json, suspect_rows

NAME = "taobao_userbehavior_sample.csv.gz"
SAMPLES = [p / "shared" / "data" / NAME for p in Path(__file__).parents]
PLOT = Plot(40, 8, 0.8, camouflage=0.5)


def flagged(report: Report) -> set[str]:
    return {report.orders.names["order"][one.order] for one in report.suspects}


def planted(trades: list[Trade], found: np.ndarray) -> set[str]:
    return {str(one.order) for one, fake in zip(trades, found, strict=True) if fake}


def ordinary(one: Trade) -> Trade:
    """Looked at, from a device of one's own, sent, and praised days later."""
    usual = sent(one)
    assert usual.delivered_us is not None
    return msgspec.structs.replace(
        usual, browsed=True, device=f"d-{one.buyer}", payer=f"p-{one.buyer}", stars=5,
        confirmed_us=usual.delivered_us + 3 * DAY_US,
    )  # fmt: skip


def shared_tablet(people: int, **said: object) -> list[Trade]:
    """So many buyers with one device, each with an order of something else."""
    return [
        trade(f"t{n}", f"gift{n}", order=f"t{n}", device="tablet", browsed=False, **said)
        for n in range(people)
    ]


class TestPlanted:
    @pytest.mark.parametrize("telling", [False, True])
    def test_the_plot_is_flagged_and_its_camouflage_is_not(self, telling: bool) -> None:
        found = market(12_000, PLOT, seed=5)
        trades = trades_of(found, telling=telling)
        report = scan(orders_of(trades))
        assert flagged(report) == planted(trades, found.planted == 1)
        (group,) = report.groups
        assert group.kind == "lockstep"
        assert (len(group.buyers), len(group.items)) == (40, 8)
        assert group.density == pytest.approx(0.8, abs=0.06)
        assert group.score > (0.95 if telling else 0.6)

    def test_evidence_says_what_and_how_much(self) -> None:
        trades = trades_of(market(12_000, PLOT, seed=5), telling=True)
        (group,) = scan(orders_of(trades)).groups
        first, second, *_ = group.evidence
        assert first.feature == "lockstep"
        assert "40 名买家两两交叉购买同 8 件商品" in first.why
        assert second.feature == "shared_device"
        assert (second.value, second.usual) == (1.0, 0.0)
        told = {one.feature: one for one in group.evidence}
        assert told["no_browse"].value == pytest.approx(0.9, abs=0.06)
        assert told["no_browse"].usual == pytest.approx(0.1, abs=0.02)
        assert "平时" not in told["no_browse"].why
        assert "其他订单为 " in told["no_browse"].why
        assert all(0 <= one.value <= 1 and 0 <= one.usual <= 1 for one in group.evidence)

    def test_an_order_tells_what_it_shows_itself(self) -> None:
        trades = trades_of(market(12_000, PLOT, seed=5), telling=True)
        report = scan(orders_of(trades))
        by_name = {str(one.order): one for one in trades}
        for one in report.suspects:
            said = by_name[report.orders.names["order"][one.order]]
            assert "shared_device" in one.shows
            assert ("no_browse" in one.shows) == (said.browsed is False)

    def test_repeated_purchases_of_the_plot_are_flagged_too(self) -> None:
        found = market(12_000, PLOT, seed=5)
        trades = trades_of(found)
        again = [
            msgspec.structs.replace(one, order=f"again-{one.order}")
            for one, fake in zip(trades, found.planted, strict=True)
            if fake
        ][:20]
        report = scan(orders_of([*trades, *again]))
        assert {str(one.order) for one in again} <= flagged(report)


class TestSpeakingFor:
    def test_a_weak_block_that_is_ordinary_in_all_else_is_shown_and_not_flagged(self) -> None:
        """A group purchase of thirty colleagues from a list of six."""
        trades = [ordinary(one) for one in trades_of(market(4_000, Plot(30, 6, 0.5), seed=5))]
        report = scan(orders_of(trades))
        (group,) = report.groups
        assert group.score < FLAGGED_FROM
        assert flagged(report) == set()
        speaks_for = {one.feature for one in group.evidence if one.points < 0}
        assert speaks_for == {"no_browse", "shared_device", "shared_payer", "instant_praise",
                              "no_logistics"}  # fmt: skip

    def test_without_that_knowledge_it_is_flagged(self) -> None:
        trades = trades_of(market(4_000, Plot(30, 6, 0.5), seed=5))
        assert flagged(scan(orders_of(trades)))

    def test_what_everybody_does_is_no_evidence(self) -> None:
        """A shop to which people come by a link: nobody browses."""
        trades = [
            msgspec.structs.replace(one, browsed=False)
            for one in trades_of(market(12_000, PLOT, seed=5))
        ]
        (group,) = scan(orders_of(trades)).groups
        told = {one.feature: one.points for one in group.evidence}
        assert told["no_browse"] <= 0

    def test_points_of_a_block_grow_with_its_strength_up_to_a_limit(self) -> None:
        points = [lockstep_points(strength) for strength in (0.5, 1.0, 1.5, 2.0, 4.0, 100.0)]
        assert points == sorted(points)
        assert points[:2] == [LOCKSTEP, LOCKSTEP]
        assert points[-1] == LOCKSTEP + LOCKSTEP_MORE_MAX


class TestSharedDevices:
    def market(self) -> list[Trade]:
        return [ordinary(one) for one in trades_of(market(3_000, seed=2))]

    def test_many_on_one_tablet_who_look_at_nothing_are_flagged(self) -> None:
        trades = [*self.market(), *shared_tablet(8, stars=5, confirmed_us=BEGIN_US)]
        report = scan(orders_of(trades))
        assert flagged(report) == {f"t{n}" for n in range(8)}
        (group,) = report.groups
        assert group.kind == "shared"
        assert len(group.buyers) == 8

    def test_a_family_on_one_tablet_is_not(self) -> None:
        report = scan(orders_of([*self.market(), *shared_tablet(4)]))
        assert report.groups == report.suspects == ()

    def test_a_shared_tablet_alone_is_not_enough(self) -> None:
        people = [msgspec.structs.replace(one, browsed=True) for one in shared_tablet(8)]
        assert scan(orders_of([*self.market(), *people])).suspects == ()

    def test_a_till_that_hundreds_use_makes_no_group(self) -> None:
        till = shared_tablet(250, stars=5, confirmed_us=BEGIN_US)
        assert scan(orders_of([*self.market(), *till])).suspects == ()

    def test_tablets_hang_together_by_their_users(self) -> None:
        """Two tablets of four and three, one account on both: a group of six."""
        first = shared_tablet(4, stars=5, confirmed_us=BEGIN_US)
        second = [
            msgspec.structs.replace(one, buyer=f"t{3 + n}", order=f"u{n}", device="other")
            for n, one in enumerate(first[:3])
        ]
        (group,) = scan(orders_of([*self.market(), *first, *second])).groups
        assert len(group.buyers) == 6


class TestNothingPlanted:
    @pytest.mark.parametrize("seed", range(3))
    @pytest.mark.parametrize("telling", [False, True])
    def test_at_most_one_percent(self, seed: int, telling: bool) -> None:
        trades = trades_of(market(12_000, seed=seed), telling=telling)
        assert len(scan(orders_of(trades)).suspects) <= 0.01 * len(trades)

    def test_one_odd_customer_is_only_an_odd_customer(self) -> None:
        """Everything at once, but alone."""
        odd = trade(
            "odd", "tea", order="odd", browsed=False, stars=5, confirmed_us=BEGIN_US,
            since_us=BEGIN_US, threshold_fen=12_900, refunded=True,
        )  # fmt: skip
        usual = [ordinary(one) for one in trades_of(market(3_000))]
        assert scan(orders_of([*usual, odd])).suspects == ()

    @pytest.mark.parametrize(("kind", "rows_min"), [("buy", 2_000), ("pv", 90_000)])
    def test_the_real_sample(self, kind: str, rows_min: int) -> None:
        """Its purchases, and its views, which are more and closer together."""
        found = [path for path in SAMPLES if path.exists()]
        if not found:
            pytest.skip("the Taobao sample is not on this machine")
        with gzip.open(found[0], "rt") as file:
            rows = [row for row in csv.reader(file) if row[3] == kind]
        trades = [
            trade(user, item, paid_us=int(at_s) * 1_000_000) for user, item, _, _, at_s in rows
        ]
        assert len(trades) > rows_min
        assert len(scan(orders_of(trades)).suspects) <= 0.01 * len(trades)

    @pytest.mark.parametrize("size", [0, 1, 2, 5])
    def test_hardly_anything(self, size: int) -> None:
        report = scan(orders_of([trade(f"b{n}") for n in range(size)]))
        assert report.suspects == report.groups == ()
        assert report.flagged_fen == 0


class TestTheSame:
    @settings(max_examples=8)
    @given(seed=st.integers(0, 999))
    def test_whatever_the_order_of_the_rows_and_the_names(self, seed: int) -> None:
        found = market(4_000, PLOT, seed=5)
        trades = trades_of(found, telling=True)
        chance = np.random.default_rng(seed)
        renamed = [
            msgspec.structs.replace(one, buyer=f"x{one.buyer[::-1]}", item=f"{one.item}号")
            for one in trades
        ]
        shuffled = [renamed[place] for place in chance.permutation(len(renamed))]
        one, other = scan(orders_of(trades)), scan(orders_of(shuffled))
        assert flagged(one) == flagged(other)
        assert [len(g.orders) for g in one.groups] == [len(g.orders) for g in other.groups]
        for a, b in zip(one.groups, other.groups, strict=True):
            assert a.score == pytest.approx(b.score)
            assert a.evidence == b.evidence

    def test_rows_that_come_twice_change_nothing(self) -> None:
        trades = trades_of(market(4_000, PLOT, seed=5))
        assert flagged(scan(orders_of([*trades, *trades[:500]]))) == flagged(
            scan(orders_of(trades))
        )

    def test_steps_are_told_in_turn(self) -> None:
        told: list[str] = []
        scan(orders_of([trade()]), told.append)
        assert tuple(told) == STEPS


class TestTelling:
    def test_the_document(self) -> None:
        found = market(4_000, PLOT, seed=5)
        trades = trades_of(found, telling=True)
        document = report_json(scan(orders_of(trades)))
        assert document["orders"] == document["rows"] == len(trades)
        assert document["flagged"] == len(document["suspects"]) == int(found.planted.sum())
        assert document["flagged_fen"] == 12_900 * document["flagged"]
        (block,) = document["blocks"]
        assert set(block["buyers"]) == {f"b{b}" for b, _ in found.planted_pairs}
        assert set(block["items"]) == {f"i{i}" for _, i in found.planted_pairs}
        assert set(block["orders"]) == planted(trades, found.planted == 1)
        assert {one["block"] for one in document["suspects"]} == {0}
        assert msgspec.json.decode(msgspec.json.encode(document)) == document

    def test_rows_for_a_spreadsheet(self) -> None:
        report = scan(orders_of(trades_of(market(4_000, PLOT, seed=5), telling=True)))
        rows = list(suspect_rows(report))
        assert len(rows) == len(report.suspects)
        assert [float(score) for _, score, _ in rows] == sorted(
            (float(score) for _, score, _ in rows), reverse=True
        )
        assert all("多人同设备" in reasons for _, _, reasons in rows)

    def test_evidence_names_nobody_and_no_device(self) -> None:
        trades = trades_of(market(4_000, PLOT, seed=5), telling=True)
        report = scan(orders_of(trades))
        told = msgspec.json.encode([group.evidence for group in report.groups]).decode()
        names = {one.buyer for one in trades} | {str(one.device) for one in trades}
        assert not [name for name in names if f'"{name}"' in told or "shared-" in told]
