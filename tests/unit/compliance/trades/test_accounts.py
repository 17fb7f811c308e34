"""Rings of accounts that identity has made few people of, and honest people of many accounts."""

from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.trades_town import market, orders_of, trade, trades_of

from quanyu.clock import MINUTE_US
from quanyu.compliance.trades.features import observed
from quanyu.compliance.trades.orders import UNKNOWN, Orders, Trade, sharers
from quanyu.compliance.trades.scan import Report, scan
from quanyu.compliance.trades.shared import groups
from quanyu.compliance.trades.telling import report_json

KIND, OTHER_KIND = "taobao_id", "alipay_id"


def with_account(person: object, account: str | None, kind: str = KIND, **said: object) -> Trade:
    item = said.pop("item", "tea")
    named = {} if account is None else {"account": account, "account_kind": kind}
    return trade(person, item, **named, **said)


def honest(orders: int = 2_000) -> list[Trade]:
    return trades_of(market(orders), telling=True)


def ring(accounts: int, *, per_person: int, items: int = 6) -> Iterator[Trade]:
    """Each account buys every item, without a look; ``per_person`` of them share a device, below
    the cap of identity, and so are one person."""
    for account in range(accounts):
        person = account // per_person
        for item in range(items):
            yield with_account(
                f"ring-{person}", f"a{account}", item=f"plot{item}", order=f"r{account}-{item}",
                device=f"ring-device-{person}", browsed=False,
                paid_us=trade().paid_us + (account * items + item) * 7 * MINUTE_US,
            )  # fmt: skip


def flagged(report: Report) -> set[str]:
    names = report.orders.names["order"]
    return {names[one.order] for one in report.suspects}


class TestColumns:
    def test_an_account_is_the_buyers_where_none_is_named(self) -> None:
        orders = orders_of([with_account("li", "x"), with_account("li", None),
                            with_account("wu", None), with_account("wu", "x")])  # fmt: skip
        first, own, others, same = orders.accounts.tolist()
        assert first == same
        assert len({first, own, others}) == 3
        assert orders.has_accounts

    @pytest.mark.parametrize(
        "rows",
        [
            [("li", None), ("wu", None), ("li", None)],
            [("li", "x"), ("wu", "y"), ("li", "x")],
            [("li", "x"), ("wu", "x")],
        ],
    )
    def test_nobody_has_several(self, rows: list[tuple[str, str | None]]) -> None:
        assert not orders_of([with_account(*row) for row in rows]).has_accounts

    def test_accounts_of_two_kinds_are_not_counted_together(self) -> None:
        """One person with three platforms on a phone is one; with three accounts of one he is
        three."""
        platforms = [with_account("li", f"x{n}", f"kind{n}", device="phone") for n in range(3)]
        same = [with_account("wu", f"y{n}", device="tablet") for n in range(3)]
        orders = orders_of([*platforms, *same, trade("han", device="own"), trade("no")])
        assert sharers(orders, orders["device"]).tolist() == [1, 1, 1, 3, 3, 3, 1, 0]

    def test_people_count_where_they_are_more(self) -> None:
        """A till: five people with one account of each of two kinds between them."""
        rows = [with_account(f"b{n}", f"x{n}", f"kind{n % 2}", device="till") for n in range(5)]
        orders = orders_of([*rows, with_account("b0", "x9", device="own")])
        assert sharers(orders, orders["device"]).tolist() == [5, 5, 5, 5, 5, 1]

    def test_an_order_is_as_shared_as_its_device_by_whatever_account_it_came(self) -> None:
        same = [with_account("wu", f"y{n}", device="d") for n in range(3)]
        orders = orders_of([*same, with_account("wu", "z", OTHER_KIND, device="d")])
        assert sharers(orders, orders["device"]).tolist() == [3, 3, 3, 3]

    @settings(max_examples=40)
    @given(
        st.lists(
            st.tuples(
                st.integers(0, 3),
                st.one_of(st.none(), st.integers(0, 5)),
                st.integers(0, 1),
                st.one_of(st.none(), st.integers(0, 2)),
            ),
            min_size=1,
            max_size=25,
        )
    )
    def test_sharers_as_plain_python_counts_them(
        self, rows: list[tuple[int, int | None, int, int | None]]
    ) -> None:
        made = [
            with_account(
                f"p{p}",
                None if a is None else f"{k}:{a}",
                f"k{k}",
                device=None if d is None else f"d{d}",
            )
            for p, a, k, d in rows
        ]
        orders = orders_of(made)
        expected = []
        for _, _, _, device in rows:
            on_it = [(p, a, k) for p, a, k, d in rows if d == device is not None]
            people = {p for p, _, _ in on_it}
            own = {p for p, a, _ in on_it if a is None}
            kinds = [len({a for _, a, k in on_it if a is not None and k == kind})
                     for kind in (0, 1)]  # fmt: skip
            more = max(len(own), *kinds) if orders.has_accounts else 0
            expected.append(max(len(people), more) if device is not None else 0)
        assert sharers(orders, orders["device"]).tolist() == expected


class TestGroups:
    def linked(self, orders: Orders) -> list[set[str]]:
        names = orders.names["order"]
        return [{names[n] for n in orders["order"][rows].tolist()} for rows in groups(orders)]

    def test_accounts_on_devices_are_a_group_though_they_are_one_person(self) -> None:
        """a0–a2 on one device, a2–a4 on another."""
        places = [(0, 1), (1, 1), (2, 1), (2, 2), (3, 2), (4, 2)]
        rows = [with_account("li", f"a{a}", order=f"o{n}", device=f"d{d}")
                for n, (a, d) in enumerate(places)]  # fmt: skip
        orders = orders_of([*rows, trade("wu", order="other", device="own")])
        assert self.linked(orders) == [{f"o{n}" for n in range(6)}]

    @pytest.mark.parametrize(("accounts", "found"), [(4, 0), (5, 1)])
    def test_at_least_five(self, accounts: int, found: int) -> None:
        rows = [with_account("li", f"a{n}", device="d") for n in range(accounts)]
        assert len(groups(orders_of(rows))) == found

    def test_a_family_with_two_platforms_each_is_no_group(self) -> None:
        """Three people on one tablet: six accounts, but three of a kind."""
        rows = [with_account(f"p{n % 3}", f"a{n}", (KIND, OTHER_KIND)[n // 3], device="tablet")
                for n in range(6)]  # fmt: skip
        assert groups(orders_of(rows)) == []

    def test_the_larger_one_comes_first_and_nobody_is_in_two(self) -> None:
        large = [with_account(f"l{n}", None, order=f"l{n}", device="d1") for n in range(8)]
        small = [with_account("s", f"s{n}", order=f"s{n}", device="d2") for n in range(6)]
        found = self.linked(orders_of([*small, *large]))
        assert found == [{f"l{n}" for n in range(8)}, {f"s{n}" for n in range(6)}]

    def test_nothing_is_shared(self) -> None:
        assert groups(orders_of([trade(f"b{n}", device=f"d{n}") for n in range(9)])) == []
        assert groups(orders_of([trade(f"b{n}") for n in range(9)])) == []

    @pytest.mark.parametrize(("people", "found"), [(200, 1), (201, 0)])
    def test_a_public_device_links_nobody(self, people: int, found: int) -> None:
        orders = orders_of([trade(f"b{n}", device="kiosk") for n in range(people)])
        assert len(groups(orders)) == found


class TestScan:
    @pytest.mark.parametrize("per_person", [1, 2, 4, 24])
    def test_a_ring_is_24_accounts_whatever_people_they_were_made(self, per_person: int) -> None:
        plot = list(ring(24, per_person=per_person))
        report = scan(orders_of([*honest(), *plot]))
        assert flagged(report) == {one.order for one in plot}
        (group,) = report.groups
        assert (len(group.buyers), group.accounts) == (24 // per_person, 24)
        assert len(group.items) == 6
        assert group.density == 1.0
        people = 24 // per_person
        said = "24 名买家" if per_person == 1 else f"{people} 人的 24 个账户"
        assert group.evidence[0].why.startswith(said)
        assert report_json(report)["blocks"][0]["accounts"] == 24

    def test_throwaway_accounts_are_seen_by_their_people(self) -> None:
        """Each account buys once and is never seen again: only people buy in step."""
        plot = [
            with_account(f"ring-{p}", f"a{p}-{i}", item=f"plot{i}", order=f"r{p}-{i}",
                         browsed=False, device=f"own-{p}")
            for p in range(20) for i in range(6)
        ]  # fmt: skip
        report = scan(orders_of([*honest(), *plot]))
        assert flagged(report) == {one.order for one in plot}
        (group,) = report.groups
        assert (len(group.buyers), group.accounts, group.density) == (20, 120, 1.0)

    def test_the_same_ring_is_told_once(self) -> None:
        """Two accounts per person are a block of 24 by account, and of 12 by person."""
        report = scan(orders_of([*honest(), *ring(24, per_person=2)]))
        assert len(report.groups) == 1

    def test_honest_people_with_an_account_on_each_platform_stay_honest(self) -> None:
        rows = []
        for number, one in enumerate(honest(3_000)):
            kind = (KIND, OTHER_KIND, "amap_id")[number % 3]
            rows.append(with_account(
                one.buyer, f"{one.buyer}-{kind}", kind, item=one.item, order=one.order,
                device=one.device, browsed=one.browsed, paid_us=one.paid_us,
            ))  # fmt: skip
        report = scan(orders_of(rows))
        assert report.orders.has_accounts
        assert report.suspects == ()

    def test_shared_devices_show_with_accounts(self) -> None:
        plot = list(ring(24, per_person=4))
        orders = orders_of([*honest(), *plot])
        shows = observed(orders)["shared_device"]
        is_plot = np.array([name.startswith("r") for name in orders.names["order"]])
        rows = is_plot[orders["order"]]
        assert shows.hit[rows].all()
        assert set(shows.value[rows].tolist()) == {4}

    def test_rows_in_another_order_are_the_same_ring(self) -> None:
        plot = [*honest(), *ring(24, per_person=3)]
        mixed = [plot[place] for place in np.random.default_rng(5).permutation(len(plot))]
        assert flagged(scan(orders_of(plot))) == flagged(scan(orders_of(mixed)))

    def test_reviews_of_one_persons_accounts_are_copies(self) -> None:
        text = "宝贝收到了，质量非常好，和描述的一样，下次还会再来"
        rows = [with_account("li", f"a{n}", review=text) for n in range(3)]
        found = observed(orders_of([*rows, trade("wu", review="茶汤很亮，闻着有兰花香，喝着顺")]))
        assert found["copied_review"].hit.tolist() == [True, True, True, False]
        assert found["copied_review"].value.tolist()[:3] == [3, 3, 3]
        assert found["copied_review"].known.all()
        one_of_each = [with_account("li", f"a{n}", f"k{n}", review=text) for n in range(3)]
        assert not observed(orders_of(one_of_each))["copied_review"].hit.any()
        assert UNKNOWN not in found["copied_review"].value.tolist()[:3]
