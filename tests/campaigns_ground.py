"""A shop with something to advertise, on a real engine, and the forms of its campaigns."""

from collections.abc import Mapping
from itertools import count
from typing import Any

import msgspec

from quanyu.content.library.version import By
from quanyu.decisions.campaigns.accounts import (
    ads_paid_in,
    ads_purse,
    ads_revenue,
    campaign_day,
    campaign_out,
    campaign_total,
)
from quanyu.decisions.campaigns.campaign import Budget
from quanyu.decisions.campaigns.checking import read_campaign
from quanyu.decisions.campaigns.record import Purse, Standing
from quanyu.decisions.campaigns.states import CampaignVerb
from quanyu.errors import Refused
from quanyu.events.requests import Request
from quanyu.ledger.accounts import Account
from quanyu.ledger.transfers import Transfer, transfer_id
from quanyu.merchants.listings.catalogue import listing_of
from quanyu.merchants.listings.item import Item
from quanyu.merchants.listings.store import Store
from quanyu.wiring import Engine

MALL, SHOP = "商场", "面霜铺"
LIN, WANG = By("lin"), By("wang")
ITEM: dict[str, Any] = {
    "id": "cream", "shop": SHOP, "title": "保湿面霜", "price_fen": 9_900, "state": "on_sale",
}  # fmt: skip
STORE: dict[str, Any] = {
    "id": "s1", "name": "朝阳店", "shop": SHOP, "lat": 39.9, "lng": 116.4, "address": "朝阳路1号",
}  # fmt: skip
_numbers = count(1)


def form(id: str = "spring", **change: Any) -> dict[str, Any]:
    """A campaign in public form; a change to None leaves the field out."""
    made: dict[str, Any] = {
        "id": id,
        "advertiser": SHOP,
        "title": "春季投放",
        "bid": {"cpc": {"bid_fen": 100}},
        "budget": {"day_fen": 10_000, "total_fen": 50_000},
        "schedule": {"from": "2026-03-10T00:00:00+08:00", "to": "2026-04-10T00:00:00+08:00"},
        "creatives": [
            {"id": "c1", "title": "保湿面霜", "text": "清爽不粘", "landing": {"item": "cream"}}
        ],
        "keywords": [
            {"text": "面霜", "match": "broad"},
            {"text": "眼霜", "match": "negative"},
        ],
        **change,
    }
    return {name: value for name, value in made.items() if value is not None}


def creative(id: str = "c1", **change: Any) -> dict[str, Any]:
    made = {"id": id, "title": "保湿面霜", "text": "清爽不粘", "landing": {"item": "cream"}}
    return {**made, **change}


def stock(engine: Engine, merchant: str = MALL) -> None:
    """What creatives lead to."""
    for document, kind in ((ITEM, Item), ({**ITEM, "id": "draft", "state": "draft"}, Item),
                           ({**ITEM, "id": "other", "shop": "别家"}, Item), (STORE, Store),
                           ({**STORE, "id": "shut", "state": "closed"}, Store)):  # fmt: skip
        engine.listings.put(merchant, [listing_of(document, kind)], place="listing")


class Board:
    """The campaigns of one merchant; each call is an intent of its own unless a key is said."""

    def __init__(self, engine: Engine, merchant: str = MALL) -> None:
        self.engine = engine
        self.merchant = merchant
        self.campaigns = engine.campaigns

    def request(self, operation: str, content: Any, key: str | None = None) -> Request:
        key = key or f"key {next(_numbers)}"
        return Request(self.merchant, f"campaign.{operation}", key, msgspec.json.encode(content))

    def put(
        self, document: Mapping[str, Any] | None = None, *, by: By = LIN, key: str | None = None
    ) -> Standing | Refused:
        made = read_campaign(dict(document or form()))
        ask = self.request("put", msgspec.to_builtins(made), key)
        return self.campaigns.put(ask, made, by=by)

    def move(
        self, verb: str, id: str = "spring", *, by: By = LIN, key: str | None = None,
        version: int | None = None,
    ) -> Standing | Refused:  # fmt: skip
        ask = self.request(verb, [id, by.actor], key)
        return self.campaigns.move(ask, id, verb=CampaignVerb(verb), by=by, version=version)

    def fund(self, fen: int, advertiser: str = SHOP, key: str | None = None) -> Purse | Refused:
        return self.campaigns.fund(self.request("fund", fen, key), advertiser, fen=fen)

    def budget(
        self, day: int, total: int, *, id: str = "spring", by: By = LIN, key: str | None = None
    ) -> Standing | Refused:
        ask = self.request("budget", [day, total], key)
        return self.campaigns.budget(ask, id, budget=Budget(day, total), by=by)

    def open_day(self, day: int, id: str = "spring") -> int:
        with self.engine.database.transaction() as tx:
            return self.campaigns.open_day(tx, self.merchant, campaign=id, day=day)

    def run(self, document: Mapping[str, Any] | None = None, *, fen: int = 100_000) -> Standing:
        """Written, paid for and approved."""
        made = dict(document or form())
        assert isinstance(self.put(made), Standing)
        assert isinstance(self.fund(fen), Purse)
        assert isinstance(self.move("submit", made["id"]), Standing)
        done = self.move("approve", made["id"], by=WANG)
        assert isinstance(done, Standing), done
        return done

    def states(self, id: str = "spring") -> tuple[str, str, int]:
        """(Of the campaign, of its newest version, number in force)."""
        found = self.campaigns.find(self.merchant, id)
        return found.state.value, found.newest_state.value, found.in_force

    def running(self, at_us: int | None = None) -> list[tuple[int, str]]:
        at_us = self.engine.clock.now_us() if at_us is None else at_us
        return [(no, one.id) for no, one in self.campaigns.running(self.merchant, at_us)]

    # What the people who lease a day do with its money.

    def lease(self, day: int, fen: int, *, id: str = "spring") -> None:
        self.post(
            campaign_day(self.merchant, id, day=day), campaign_out(self.merchant, id), fen=fen
        )

    def spend(self, fen: int, *, id: str = "spring") -> None:
        self.post(campaign_out(self.merchant, id), ads_revenue(), fen=fen)

    def return_lease(self, day: int, fen: int, *, id: str = "spring") -> None:
        self.post(
            campaign_out(self.merchant, id), campaign_day(self.merchant, id, day=day), fen=fen
        )

    def post(self, source: Account, target: Account, *, fen: int) -> None:
        with self.engine.database.transaction() as tx:
            self.engine.book.open(tx, [source, target])
            id = transfer_id("lease", str(next(_numbers)))
            (outcome,) = self.engine.book.post(
                tx, [[Transfer(id, source.id, target.id, fen, "lease")]]
            )
        assert type(outcome).__name__ == "Posted", outcome

    def fen(self, id: str = "spring", *, days: tuple[int, ...] = ()) -> dict[str, int]:
        """What is where."""
        named = {
            "purse": ads_purse(self.merchant, SHOP),
            "total": campaign_total(self.merchant, id),
            "out": campaign_out(self.merchant, id),
            "revenue": ads_revenue(),
            "paid_in": ads_paid_in(self.merchant),
            **{f"day {day}": campaign_day(self.merchant, id, day=day) for day in days},
        }
        with self.engine.database.transaction() as tx:
            found = self.engine.book.balances(tx, [one.id for one in named.values()])
        return {name: found[one.id].posted if one.id in found else 0 for name, one in named.items()}
