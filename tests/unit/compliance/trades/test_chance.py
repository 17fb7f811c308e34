"""What chance brings about by itself, and what it does not."""

import numpy as np
import pytest
from scipy.special import comb
from tests.trades_town import Plot, market

from quanyu.compliance.trades.chance import MARGIN, completed, surprise
from quanyu.compliance.trades.graph import Block, Graph, graph_of


def numbers(*found: int) -> np.ndarray:
    return np.array(found, dtype=np.int64)


def grid(buyers: int, items: int) -> Graph:
    buyer, item = np.divmod(np.arange(buyers * items), items)
    return graph_of(buyer, item)[0]


class TestSurprise:
    def test_who_buys_everything_surprises_nobody(self) -> None:
        """Every buyer has every item: each block is as full as counts say."""
        found = surprise(grid(20, 10), Block(numbers(*range(5)), numbers(*range(4))))
        assert found.edges == 20
        assert found.expected == pytest.approx(20)
        assert found.ratio == 0
        assert not found.is_significant

    def test_the_formulas_by_hand(self) -> None:
        """Two separate full blocks of 3 × 2: half of all edges, where a quarter was expected…"""
        first = {(b, i) for b in range(3) for i in range(2)}
        second = {(3 + b, 2 + i) for b, i in first}
        buyer, item = np.array(sorted(first | second)).T
        found = surprise(graph_of(buyer, item)[0], Block(numbers(0, 1, 2), numbers(0, 1)))
        assert (found.edges, found.expected) == (6, pytest.approx(3))
        assert found.ratio == pytest.approx(6 * np.log(2) - 3)
        assert found.bound == pytest.approx(np.log(comb(6, 3) * comb(4, 2)) + MARGIN)
        assert not found.is_significant, "so small a thing may be chance"

    @pytest.mark.parametrize("seed", range(4))
    def test_random_blocks_of_a_market_are_not_significant(self, seed: int) -> None:
        found, chance = market(3_000, seed=seed).graph, np.random.default_rng(seed)
        for size in (5, 20, 100):
            buyers = chance.choice(found.buyers, size, replace=False)
            items = chance.choice(found.items, min(size, 20), replace=False)
            assert not surprise(found, Block(np.sort(buyers), np.sort(items))).is_significant

    def test_the_natural_core_is_dense_and_no_surprise(self) -> None:
        """The busiest buyers and the most popular items: more edges than anywhere."""
        found = market(3_000).graph
        busy = np.sort(np.argsort(-found.of_buyer)[:60])
        popular = np.sort(np.argsort(-found.of_item)[:30])
        core = surprise(found, Block(busy, popular))
        assert core.edges > 100
        assert not core.is_significant


class TestCompleting:
    def test_half_of_a_plot_grows_into_the_whole(self) -> None:
        found = market(6_000, Plot(40, 10, 0.7, camouflage=0.5), seed=2)
        whole = found.graph
        fakes, goods = (sorted(side) for side in map(set, zip(*found.planted_pairs, strict=True)))
        grown = completed(whole, Block(numbers(*fakes[:15]), numbers(*goods[:6])))
        assert grown.buyers.tolist() == fakes
        assert grown.items.tolist() == goods

    def test_strangers_are_put_out(self) -> None:
        found = market(6_000, Plot(40, 10, 0.8), seed=2)
        whole = found.graph
        fakes, goods = (sorted(side) for side in map(set, zip(*found.planted_pairs, strict=True)))
        busy = np.argsort(-whole.of_buyer)[:10]
        crowd = Block(np.union1d(numbers(*fakes), busy), numbers(*goods))
        assert completed(whole, crowd).buyers.tolist() == fakes

    def test_what_is_no_plot_stays_as_it_is(self) -> None:
        block = Block(numbers(0, 1), numbers(0, 1))
        same = completed(grid(6, 6), block)
        assert same.buyers.tolist() == [0, 1]
        assert same.items.tolist() == [0, 1]

    def test_it_never_makes_a_block_less_surprising(self) -> None:
        found = market(6_000, Plot(60, 12, 0.5, camouflage=1.0), seed=7)
        whole = found.graph
        fakes, goods = (sorted(side) for side in map(set, zip(*found.planted_pairs, strict=True)))
        start = Block(numbers(*fakes[::2]), numbers(*goods[::2]))
        before, after = surprise(whole, start), surprise(whole, completed(whole, start))
        assert after.ratio - after.bound > before.ratio - before.bound
