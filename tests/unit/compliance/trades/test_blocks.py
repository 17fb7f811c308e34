"""Planted blocks are found, and where nothing was planted nothing is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trades_town import Market, Plot, market

from quanyu.compliance.trades.blocks import (
    BUYERS_MIN,
    DENSITY_MIN,
    ITEMS_MIN,
    dense_blocks,
    same_plot,
)
from quanyu.compliance.trades.company import odd_company
from quanyu.compliance.trades.graph import Block, graph_of


def found_pairs(found: Market) -> set[tuple[int, int]]:
    graph = found.graph
    inside = np.zeros(len(graph), dtype=np.bool_)
    for one in dense_blocks(graph):
        inside |= graph.inside(one.block)
    return set(zip(graph.buyer[inside].tolist(), graph.item[inside].tolist(), strict=True))


def quality(found: Market) -> tuple[float, float]:
    """(Precision, recall) over pairs."""
    guessed, true = found_pairs(found), found.planted_pairs
    both = len(guessed & true)
    return both / max(len(guessed), 1), both / max(len(true), 1)


class TestPlanted:
    @pytest.mark.parametrize("camouflage", [0.0, 0.5, 1.0])
    @pytest.mark.parametrize(
        ("users", "items", "density", "recall_min"),
        [
            (20, 5, 0.9, 0.95),
            (50, 10, 0.4, 0.9),
            (50, 10, 0.9, 0.99),
            (100, 10, 0.3, 0.8),
            (200, 20, 0.5, 0.85),
            (200, 20, 0.9, 0.99),
        ],
    )
    def test_found_behind_any_camouflage(
        self, users: int, items: int, density: float, recall_min: float, camouflage: float
    ) -> None:
        plot = Plot(users, items, density, camouflage)
        precision, recall = quality(market(20_000, plot, seed=3))
        assert precision >= 0.97
        assert recall >= recall_min

    def test_two_plots_are_two_blocks(self) -> None:
        one = market(20_000, Plot(60, 10, 0.8), seed=1)
        other = market(300, Plot(40, 8, 0.8), seed=2)
        buyer = np.concatenate([one.buyer, other.buyer + one.buyer.max() + 1])
        item = np.concatenate([one.item, other.item + one.item.max() + 1])
        blocks = dense_blocks(graph_of(buyer, item)[0])
        assert sorted(len(b.block.buyers) for b in blocks) == [40, 60]
        assert sorted(len(b.block.items) for b in blocks) == [8, 10]

    def test_what_is_told_of_a_block(self) -> None:
        found = market(20_000, Plot(60, 10, 0.8), seed=1)
        told: list[int] = []
        (one,) = dense_blocks(found.graph, told.append)
        assert told == [1]
        assert one.density == pytest.approx(0.8, abs=0.05)
        assert one.surprise.strength > 2
        assert 1.0 < one.weight_per_node < 3.0
        assert one.stands_out


class TestSmallShops:
    @pytest.mark.parametrize("honest", [40, 120, 500])
    def test_a_plot_that_is_most_of_the_shop(self, honest: int) -> None:
        chance = np.random.default_rng(3)
        fake, goods = np.divmod(np.arange(24 * 6), 6)
        buyer = np.concatenate([100 + fake, chance.integers(0, 100, honest)])
        item = np.concatenate([goods, 6 + chance.integers(0, 30, honest)])
        (one,) = dense_blocks(graph_of(buyer, item)[0])
        assert one.block.buyers.tolist() == list(range(100, 124))
        assert one.block.items.tolist() == list(range(6))

    @pytest.mark.parametrize("seed", range(4))
    def test_a_shop_of_eight_things_of_which_people_buy_one_to_three(self, seed: int) -> None:
        chance = np.random.default_rng(seed)
        buyer = np.repeat(np.arange(300), chance.integers(1, 4, 300))
        item = np.minimum(chance.geometric(0.35, len(buyer)) - 1, 7)
        assert dense_blocks(graph_of(buyer, item)[0]) == []

    def test_new_things_that_new_people_try_two_of(self) -> None:
        """A launch of six: fifty newcomers buy two of them, others nothing of it yet."""
        chance = np.random.default_rng(1)
        old = chance.integers(0, 200, 400)
        newcomers = np.repeat(np.arange(200, 250), 2)
        buyer = np.concatenate([old, newcomers])
        item = np.concatenate([chance.integers(0, 40, 400), 40 + chance.integers(0, 6, 100)])
        assert dense_blocks(graph_of(buyer, item)[0]) == []

    def test_where_everybody_buys_everything_nothing_is_odd(self) -> None:
        buyer, item = np.divmod(np.arange(30 * 8), 8)
        assert dense_blocks(graph_of(buyer, item)[0]) == []


class TestNothingPlanted:
    @pytest.mark.parametrize("seed", range(6))
    def test_nothing_is_found(self, seed: int) -> None:
        assert dense_blocks(market(20_000, seed=seed).graph) == []

    @pytest.mark.parametrize("own_share", [0.3, 0.7, 0.95])
    @pytest.mark.parametrize("busy", [False, True])
    def test_tastes_are_no_plot(self, own_share: float, busy: bool) -> None:
        """Forty crowds, each with a shelf of its own from which it buys most."""
        chance = np.random.default_rng(5)
        activity = chance.pareto(2.2, 8_000) + 1 if busy else np.ones(8_000)
        buyer = chance.choice(8_000, 24_000, p=activity / activity.sum())
        shelf = (buyer % 40) * 25 + chance.integers(0, 25, 24_000)
        everywhere = chance.integers(0, 1_000, 24_000)
        item = np.where(chance.random(24_000) < own_share, shelf, everywhere)
        assert dense_blocks(graph_of(buyer, item)[0]) == []

    def test_a_plot_inside_a_market_of_tastes_is_found(self) -> None:
        chance = np.random.default_rng(5)
        buyer = chance.integers(0, 8_000, 24_000)
        item = (buyer % 40) * 25 + chance.integers(0, 25, 24_000)
        fake, goods = np.nonzero(chance.random((50, 10)) < 0.7)
        hidden = chance.integers(0, 1_000, len(fake))
        buyers = np.concatenate([buyer, 8_000 + fake, 8_000 + fake])
        items = np.concatenate([item, 1_000 + goods, hidden])
        (one,) = dense_blocks(graph_of(buyers, items)[0])
        assert set(one.block.buyers.tolist()) == set(range(8_000, 8_050))

    def test_things_that_go_together_are_no_plot(self) -> None:
        """Printer and ink: bought together by many, but two items are no list."""
        base = market(10_000, seed=1)
        people = np.arange(400) + base.buyer.max() + 1
        buyer = np.concatenate([base.buyer, people, people])
        item = np.concatenate([base.item, np.full(400, 900), np.full(400, 901)])
        graph = graph_of(buyer, item)[0]
        assert odd_company(graph).edges.sum() >= 800, "it is seen"
        assert dense_blocks(graph) == [], "and it is nothing"

    @pytest.mark.parametrize("shape", [(1, 1), (1, 30), (30, 1), (4, 4), (40, 2)])
    def test_tiny_and_thin_ones(self, shape: tuple[int, int]) -> None:
        buyer, item = np.divmod(np.arange(shape[0] * shape[1]), shape[1])
        assert dense_blocks(graph_of(buyer, item)[0]) == []


class TestOddCompany:
    @settings(max_examples=20)
    @given(seed=st.integers(0, 999))
    def test_the_order_of_rows_and_repetitions_do_not_matter(self, seed: int) -> None:
        found, chance = market(2_000, Plot(30, 6, 0.8), seed=3), np.random.default_rng(seed)
        line = chance.permutation(np.concatenate([np.arange(len(found.buyer)), [0, 5, 5]]))
        shuffled, _ = graph_of(found.buyer[line], found.item[line])
        assert np.array_equal(shuffled.buyer, found.graph.buyer)
        assert np.array_equal(odd_company(shuffled).edges, odd_company(found.graph).edges)

    def test_little_of_an_honest_market_is_odd(self) -> None:
        found = market(20_000, seed=8)
        assert odd_company(found.graph).edges.mean() < 0.001

    def test_most_of_a_plot_is(self) -> None:
        found = market(20_000, Plot(100, 10, 0.6), seed=8)
        graph, odd = found.graph, odd_company(found.graph).edges
        pairs = zip(graph.buyer[odd].tolist(), graph.item[odd].tolist(), strict=True)
        assert len(set(pairs) & found.planted_pairs) > 0.95 * len(found.planted_pairs)

    def test_one_bulk_buyer_of_everything_changes_nothing(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("quanyu.compliance.trades.company.WORK_MAX", 200_000)
        monkeypatch.setattr("quanyu.compliance.trades.company.CHUNK_PAIRS", 5_000)
        found = market(10_000, Plot(60, 10, 0.8), seed=1)
        bulk = np.full(found.graph.items, found.graph.buyers)
        buyer = np.concatenate([found.buyer, bulk])
        item = np.concatenate([found.item, np.arange(found.graph.items)])
        (one,) = dense_blocks(graph_of(buyer, item)[0])
        assert len(one.block.buyers) in (60, 61)
        assert len(one.block.items) == 10


def test_a_rest_of_a_block_is_the_same_plot() -> None:
    whole = Block(np.arange(40), np.arange(10))
    assert same_plot(whole, Block(np.arange(30, 50), np.arange(5, 15)))
    assert not same_plot(whole, Block(np.arange(35, 60), np.arange(10)))
    assert not same_plot(whole, Block(np.arange(40), np.arange(8, 20)))


def test_the_limits_are_those_of_the_docs() -> None:
    assert (BUYERS_MIN, ITEMS_MIN, DENSITY_MIN) == (5, 3, 0.2)
