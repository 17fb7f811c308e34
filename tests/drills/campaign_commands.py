"""Campaigns for drill A2: every step that may die. Each waits in a state for its command."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from quanyu.clock import DAY_US, day_number, format_iso
from quanyu.content.library.version import By
from quanyu.decisions.campaigns.campaign import Budget, Campaign
from quanyu.decisions.campaigns.checking import read_campaign
from quanyu.decisions.campaigns.states import CampaignVerb
from quanyu.errors import Refused
from quanyu.events.requests import Request
from quanyu.merchants.listings.catalogue import listing_of
from quanyu.merchants.listings.item import Item

if TYPE_CHECKING:
    from quanyu.wiring import Engine

PLAZA, SELLER = "plaza", "面霜铺"
LIN, WANG = By("lin"), By("wang")
DAY_FEN, TOTAL_FEN = 1_000, 5_000
ITEM = {"id": "cream", "shop": SELLER, "title": "保湿面霜", "price_fen": 9_900, "state": "on_sale"}
READY = ("next", "waits", "pays", "opens", "ends", "over", "back")


def asked(operation: str, key: str) -> Request:
    return Request(PLAZA, operation, key, b"drill")


def done(outcome: object) -> Any:
    assert not isinstance(outcome, Refused), outcome
    return outcome


def campaign_of(engine: "Engine", id: str, text: str = "清爽不粘", days: int = 30) -> Campaign:
    """It begins on the first day of the drill, whenever it is asked for again."""
    first_us = engine.clock.now_us() // DAY_US * DAY_US - 2 * DAY_US
    return read_campaign({
        "id": id, "advertiser": SELLER, "title": id, "bid": {"max_conversions": {}},
        "budget": {"day_fen": DAY_FEN, "total_fen": TOTAL_FEN},
        "schedule": {"from": format_iso(first_us), "to": format_iso(first_us + days * DAY_US)},
        "creatives": [{"id": "c", "title": "保湿面霜", "text": text, "landing": {"item": "cream"}}],
    })  # fmt: skip


def put(engine: "Engine", id: str, text: str = "清爽不粘", *, key: str = "") -> None:
    ask = asked("campaign.put", key or id)
    done(engine.campaigns.put(ask, campaign_of(engine, id, text), by=LIN))


def move(engine: "Engine", id: str, verb: str, *, key: str = "") -> None:
    ask, by = asked(f"campaign.{verb}", key or id), WANG if verb == "approve" else LIN
    done(engine.campaigns.move(ask, id, verb=CampaignVerb(verb), by=by))


def prepare_campaigns(engine: "Engine") -> None:
    engine.listings.put(PLAZA, [listing_of(ITEM, Item)], place="item")
    for id in READY:
        put(engine, id)
    money = TOTAL_FEN * 10
    done(engine.campaigns.fund(asked("campaign.fund", "first"), SELLER, fen=money))
    for id in READY:
        move(engine, id, "submit")
        if id != "waits":
            move(engine, id, "approve")
    put(engine, "next", "温和清爽", key="next 2")
    move(engine, "next", "submit", key="next 2")
    for id in ("ends", "back"):
        open_day_of(engine, id)
    move(engine, "back", "end")
    with engine.database.transaction() as tx:
        tx.execute("UPDATE campaign SET settled = false WHERE campaign = 'back'")
        tx.execute("UPDATE campaign SET to_us = from_us + 1 WHERE campaign = 'over'")


def open_day_of(engine: "Engine", id: str) -> None:
    day = day_number(engine.clock.now_us())
    with engine.database.transaction() as tx:
        engine.campaigns.open_day(tx, PLAZA, campaign=id, day=day)


def put_campaign(engine: "Engine") -> None:
    put(engine, "new")


def replace_draft(engine: "Engine") -> None:
    """A newer draft of one that runs: the one in review is put by."""
    put(engine, "next", "清爽温和", key="next 3")


def approve_campaign(engine: "Engine") -> None:
    """The money is put aside, and it runs at once."""
    move(engine, "waits", "approve")


def rebudget_campaign(engine: "Engine") -> None:
    ask = asked("campaign.budget", "pays")
    budget = Budget(DAY_FEN * 2, TOTAL_FEN * 2)
    done(engine.campaigns.budget(ask, "pays", budget=budget, by=LIN))


def fund_advertiser(engine: "Engine") -> None:
    done(engine.campaigns.fund(asked("campaign.fund", "second"), SELLER, fen=700))


def open_day(engine: "Engine") -> None:
    open_day_of(engine, "opens")


def end_campaign(engine: "Engine") -> None:
    move(engine, "ends", "end")


def settle_campaigns(engine: "Engine") -> None:
    """One that is over, and one whose money is to be looked at again."""
    engine.campaigns.settle()


COMMANDS: dict[str, Callable[["Engine"], None]] = {
    command.__name__: command
    for command in (
        put_campaign, replace_draft, approve_campaign, rebudget_campaign, fund_advertiser,
        open_day, end_campaign, settle_campaigns,
    )
}  # fmt: skip
