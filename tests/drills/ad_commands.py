"""Money of ads for drill A2: a lease that is opened, wins that are held, a run of the chore. (That
clicks settle is part of catching up.)"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from tests.events_ground import array, seen

from quanyu.clock import DAY_US, HOUR_US, SECOND_US, format_iso
from quanyu.content.library.version import By
from quanyu.decisions.billing.win import Win
from quanyu.decisions.campaigns.checking import read_campaign
from quanyu.decisions.campaigns.states import CampaignVerb
from quanyu.errors import Refused
from quanyu.events.requests import Request
from quanyu.merchants.listings.catalogue import listing_of
from quanyu.merchants.listings.item import Item
from quanyu.storage.postgres.ad_billing.wins import PostgresWins

if TYPE_CHECKING:
    from quanyu.wiring import Engine

ARCADE, SELLER = "arcade", "茶铺"
LIN, WANG = By("lin"), By("wang")
ITEM = {"id": "tea", "shop": SELLER, "title": "绿茶", "price_fen": 9_900, "state": "on_sale"}
DAY_FEN, TOTAL_FEN = 4_000, 20_000


def advertised(engine: "Engine", id: str, *, day_fen: int, total_fen: int) -> None:
    """A campaign that runs since the day before yesterday."""
    first_us = engine.clock.now_us() // DAY_US * DAY_US - 2 * DAY_US
    made = read_campaign({
        "id": id, "advertiser": SELLER, "title": id, "bid": {"max_conversions": {}},
        "budget": {"day_fen": day_fen, "total_fen": total_fen},
        "schedule": {"from": format_iso(first_us), "to": format_iso(first_us + 30 * DAY_US)},
        "creatives": [{"id": "c", "title": "绿茶", "text": "清香", "landing": {"item": "tea"}}],
    })  # fmt: skip
    engine.listings.put(ARCADE, [listing_of(ITEM, Item)], place="item")

    def ask(operation: str) -> Request:
        return Request(ARCADE, f"campaign.{operation}", f"{operation} {id}", b"drill")

    done(engine.campaigns.put(ask("put"), made, by=LIN))
    done(engine.campaigns.fund(ask("fund"), SELLER, fen=total_fen))
    for verb, by in ((CampaignVerb.SUBMIT, LIN), (CampaignVerb.APPROVE, WANG)):
        done(engine.campaigns.move(ask(verb), id, verb=verb, by=by))


def done(outcome: object) -> None:
    assert not isinstance(outcome, Refused), outcome


def won(engine: "Engine", trace: bytes, *, at_us: int, lease: int, campaign: str = "ad") -> None:
    win = Win(
        trace=trace, position=1, campaign=campaign, creative="c", lease=lease,
        price_millifen=2_500, billing="click", at_us=at_us, expires_us=at_us + HOUR_US,
        touchpoint="taobao.search",
    )  # fmt: skip
    with engine.database.transaction() as tx:
        PostgresWins().keep(tx, ARCADE, wins=[win])


def leased(engine: "Engine", *, at_us: int) -> int:
    lease = engine.ad_leases.open(ARCADE, "ad", at_us=at_us)
    assert lease is not None
    return lease.number


def trace(number: int) -> bytes:
    return number.to_bytes(16, "big")


def clicked(number: int, *, at_us: int, **change: Any) -> dict[str, object]:
    return seen(
        f"click-{number}", kind="click", at=format_iso(at_us), decision=trace(number).hex(),
        props={"position": 1}, identifiers={"taobao_id": f"clicker-{number}"}, **change,
    )  # fmt: skip


def prepare_ads(engine: "Engine") -> None:
    """Yesterday a lease of which nothing came; today one with wins, two of them clicked, and the
    clicks in the log that nobody has read yet."""
    now_us = engine.clock.now_us()
    advertised(engine, "ad", day_fen=DAY_FEN, total_fen=TOTAL_FEN)
    won(engine, trace(1), at_us=now_us - DAY_US, lease=leased(engine, at_us=now_us - DAY_US))
    lease = leased(engine, at_us=now_us)
    for number in (2, 3, 4):
        won(engine, trace(number), at_us=now_us, lease=lease)
    clicks = [clicked(number, at_us=now_us + SECOND_US) for number in (2, 3)]
    engine.events.record(ARCADE, array(*clicks))


def open_lease(engine: "Engine") -> None:
    """Repeated, it opens no second one: that is what its caller looks for."""
    if count(engine) == 2:
        leased(engine, at_us=engine.clock.now_us())


def count(engine: "Engine") -> int:
    with engine.database.transaction() as tx:
        row = tx.execute("SELECT count(*) FROM ad_lease").fetchone()
    assert row is not None
    return int(row[0])


def hold_wins(engine: "Engine") -> None:
    """Out of the lease of today; a decision under the same trace is the same decision."""
    with engine.database.transaction() as tx:
        row = tx.execute("SELECT max(number), max(opened_us) FROM ad_lease").fetchone()
        there = tx.execute("SELECT FROM ad_win WHERE trace = %s", [trace(9)]).rowcount
    assert row is not None
    if not there:
        won(engine, trace(9), at_us=row[1] + 1, lease=row[0])


def release_ads(engine: "Engine") -> None:
    """The win of yesterday, its lease, and the rest of its day."""
    engine.ad_closing.run()


COMMANDS: dict[str, Callable[["Engine"], None]] = {
    command.__name__: command for command in (open_lease, hold_wins, release_ads)
}
