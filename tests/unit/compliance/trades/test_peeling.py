"""FRAUDAR's peeling: the bound of the paper, brute force beside it, and camouflage."""

from collections.abc import Iterator
from itertools import chain, combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trades_town import Plot, market

from quanyu.compliance.trades.graph import Block, Floats, Graph, graph_of
from quanyu.compliance.trades.peeling import (
    coarse_density,
    densest,
    fraudar_weights,
    kernel,
)

BUYERS, ITEMS = 5, 4

pairs = st.sets(
    st.tuples(st.integers(0, BUYERS - 1), st.integers(0, ITEMS - 1)), min_size=1, max_size=16
)


def graph(edges: set[tuple[int, int]]) -> Graph:
    buyer, item = np.array(sorted(edges), dtype=np.int64).T
    return graph_of(buyer, item)[0]


def plain(found: Graph) -> Floats:
    return np.ones(len(found))


def subsets(size: int) -> Iterator[tuple[int, ...]]:
    return chain.from_iterable(combinations(range(size), n) for n in range(size + 1))


def density(found: Graph, weights: Floats, block: Block) -> float:
    return float(weights[found.inside(block)].sum()) / block.nodes


def best_of_all(found: Graph, weights: Floats) -> float:
    blocks = (
        Block(np.array(buyers, dtype=np.int64), np.array(items, dtype=np.int64))
        for buyers in subsets(found.buyers)
        for items in subsets(found.items)
        if buyers or items
    )
    return max(density(found, weights, block) for block in blocks)


class TestTheBound:
    @settings(max_examples=60)
    @given(edges=pairs)
    def test_at_least_half_of_the_best_and_what_it_says_it_is(
        self, edges: set[tuple[int, int]]
    ) -> None:
        found = graph(edges)
        weights = fraudar_weights(found, found.of_item)
        peeled = densest(found, weights)
        assert peeled is not None
        best = best_of_all(found, weights)
        assert peeled.density == pytest.approx(density(found, weights, peeled.block))
        assert best / 2 - 1e-9 <= peeled.density <= best + 1e-9

    @settings(max_examples=60)
    @given(edges=pairs)
    def test_the_kernel_holds_a_best_block(self, edges: set[tuple[int, int]]) -> None:
        found = graph(edges)
        weights = fraudar_weights(found, found.of_item)
        best = best_of_all(found, weights)
        coarse = coarse_density(found, weights)
        assert best / 3 < coarse <= best + 1e-9, "the passes are (2 + 2ε)-approximate at worst"
        within = kernel(found, weights, least=coarse)
        assert best_of_all(found.only(within), weights[within]) == pytest.approx(best)

    @settings(max_examples=40)
    @given(edges=pairs, seed=st.integers(0, 99))
    def test_the_names_do_not_matter(self, edges: set[tuple[int, int]], seed: int) -> None:
        chance = np.random.default_rng(seed)
        buyer, item = chance.permutation(BUYERS), chance.permutation(ITEMS)
        renamed = {(int(buyer[b]), int(item[i])) for b, i in edges}
        densities = []
        for one in (graph(edges), graph(renamed)):
            peeled = densest(one, plain(one))
            assert peeled is not None
            densities.append(peeled.density)
        best = best_of_all(graph(edges), plain(graph(edges)))
        assert min(densities) >= best / 2 - 1e-9, "ties may break another way, the bound holds"

    def test_without_edges_there_is_no_block(self) -> None:
        nothing = np.empty(0, dtype=np.int64)
        assert densest(graph_of(nothing, nothing)[0], np.empty(0)) is None

    @pytest.mark.parametrize(("buyers", "items"), [(1, 1), (3, 2), (6, 6)])
    def test_a_complete_block_is_found_whole(self, buyers: int, items: int) -> None:
        edges = {(b, i) for b in range(buyers) for i in range(items)}
        tail = {(buyers + n, items) for n in range(2)}
        peeled = densest(graph(edges | tail), np.ones(len(edges | tail)))
        assert peeled is not None
        whole = buyers * items / (buyers + items)
        assert peeled.density >= whole - 1e-9
        if buyers > 1:
            assert (len(peeled.block.buyers), len(peeled.block.items)) == (buyers, items)


class TestWeights:
    def test_an_item_that_everybody_buys_weighs_little(self) -> None:
        found = graph({(b, 0) for b in range(50)} | {(0, 1)})
        weights = fraudar_weights(found, found.of_item)
        rare, popular = weights[found.item == 1], weights[found.item == 0]
        assert rare[0] == pytest.approx(1 / np.log(6))
        assert popular == pytest.approx(1 / np.log(55))

    @settings(max_examples=25)
    @given(hubs=st.integers(1, 12), each=st.integers(0, 12), seed=st.integers(0, 99))
    def test_camouflage_takes_nothing_from_the_block(self, hubs: int, each: int, seed: int) -> None:
        """Theorem 2: purchases of other items leave g of the fake block as it was."""
        chance = np.random.default_rng(seed)
        fake = {(b, i) for b in range(20) for i in range(5) if chance.random() < 0.7}
        honest = {(20 + n, 5 + n % hubs) for n in range(60)}
        camouflage = {
            (b, 5 + int(hub)) for b in range(20) for hub in chance.choice(hubs, min(each, hubs))
        }
        block = Block(np.arange(20), np.arange(5))
        plain_market, disguised = graph(fake | honest), graph(fake | honest | camouflage)
        before, after = (
            density(one, fraudar_weights(one, one.of_item), block)
            for one in (plain_market, disguised)
        )
        assert after == pytest.approx(before)

    def test_camouflage_that_fools_the_plain_degree_does_not_fool_this(self) -> None:
        """Hubs that everybody buys: by average degree they and their buyers are densest."""
        found = market(3_000, Plot(40, 12, 0.5, camouflage=1.0), seed=4)
        whole = found.graph
        ours = densest(whole, fraudar_weights(whole, whole.of_item))
        charikar = densest(whole, plain(whole))
        assert ours is not None
        assert charikar is not None
        fakes = {b for b, _ in found.planted_pairs}

        def purity(block: Block) -> float:
            return len(fakes & set(block.buyers.tolist())) / len(block.buyers)

        assert purity(ours.block) > purity(charikar.block)
