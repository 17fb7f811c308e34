"""Ads that win slots on a real engine, and the events that tell what became of them."""

from itertools import count
from typing import Any

import msgspec
from tests.campaigns_ground import MALL, Board, form
from tests.engine_ground import said, tell

from quanyu.clock import HOUR_US, SECOND_US, FixedClock
from quanyu.decisions.billing.spending import Spend
from quanyu.decisions.billing.win import Lease, Win
from quanyu.storage.postgres.ad_billing.wins import PostgresWins
from quanyu.wiring import Engine

_numbers = count(1)
ANN = {"taobao_id": "ann"}
PRICE = 2_500
"""Millifen: two fen and a half."""


def trace(number: int | None = None) -> bytes:
    return (next(_numbers) if number is None else number).to_bytes(16, "big")


class Ads:
    """The ads of one campaign that runs."""

    def __init__(self, engine: Engine, merchant: str = MALL, **change: Any) -> None:
        self.engine, self.merchant = engine, merchant
        self.board = Board(engine, merchant)
        self.window = change.get("schedule")
        self.id = str(change.get("id", "spring"))
        fen = change.pop("fen", 100_000)
        self.board.run(form(**change), fen=fen)

    @property
    def now_us(self) -> int:
        return self.engine.clock.now_us()

    def lease(self, id: str | None = None) -> Lease | None:
        return self.engine.ad_leases.open(self.merchant, id or self.id, at_us=self.now_us)

    def leased(self) -> Lease:
        made = self.lease()
        assert made is not None
        return made

    def win(self, lease: Lease, **change: Any) -> Win:
        fields: dict[str, Any] = {
            "trace": trace(), "position": 1, "campaign": lease.campaign, "creative": "c1",
            "lease": lease.number, "price_millifen": PRICE, "billing": "click",
            "at_us": self.now_us, "expires_us": self.now_us + HOUR_US,
            "touchpoint": "taobao.search",
        }  # fmt: skip
        return Win(**{**fields, **change})

    def won(self, *wins: Win) -> None:
        with self.engine.database.transaction() as tx:
            PostgresWins().keep(tx, self.merchant, wins=wins)

    def one(self, lease: Lease, **change: Any) -> Win:
        made = self.win(lease, **change)
        self.won(made)
        return made

    def happens(self, win: Win, kind: str = "click", **change: Any) -> None:
        """The event is told, and followed."""
        self.tells(win, kind, **change)
        self.engine.projector.catch_up()

    def tells(self, win: Win, kind: str = "click", **change: Any) -> None:
        tell(self.engine, self.merchant, self.event(win, kind, **change))

    def event(self, win: Win, kind: str = "click", **change: Any) -> dict[str, Any]:
        """The clock goes on to its time: nobody tells of the future."""
        who = change.pop("who", ANN)
        at_us = change.pop("at_us", win.at_us + 5 * SECOND_US)
        self.later(max(0, at_us - self.now_us))
        fields: dict[str, Any] = {
            "touchpoint": "taobao.search",
            "decision": win.trace.hex(),
            "props": {"position": win.position},
        }
        if kind == "store_arrived":
            fields["store"] = "s1"
        return said(f"e{next(_numbers)}", who, at_us=at_us, kind=kind, **{**fields, **change})

    def node(self, who: dict[str, str]) -> int:
        """Of somebody, known from now on."""
        ((kind, value),) = who.items()
        token = self.engine.tokeniser(self.merchant).token(kind, value)
        with self.engine.database.transaction() as tx:
            found = self.engine.registry.register(tx, self.merchant, pairs=[(kind, token)])
        return found[kind, token]

    def states(self, *wins: Win) -> list[tuple[str, str]]:
        statement = "SELECT state, reason FROM ad_win WHERE trace = %s AND position = %s"
        with self.engine.database.transaction() as tx:
            rows = [tx.execute(statement, [one.trace, one.position]).fetchone() for one in wins]
        return [row or ("gone", "") for row in rows]

    def state(self, win: Win) -> tuple[str, str]:
        return self.states(win)[0]

    def spend(self) -> Spend:
        return self.engine.ad_spending.of(self.merchant, self.id)

    def invalid(self) -> dict[str, int]:
        found: dict[str, int] = self.spend().as_json()["total"]["invalid"]
        return found

    def fen(self, **more: Any) -> dict[str, int]:
        return self.board.fen(self.id, **more)

    def later(self, us: int) -> None:
        clock = self.engine.clock
        assert isinstance(clock, FixedClock)
        clock.advance(us)

    def chore(self) -> int:
        """How many wins, leases and days of this merchant have ended by it."""
        before = self.ended()
        self.engine.ad_closing.run()
        return self.ended() - before

    def ended(self) -> int:
        statement = """
            WITH own AS (SELECT merchant_no FROM merchant WHERE name = %s),
            lease AS (SELECT l.* FROM ad_lease l JOIN own USING (merchant_no)),
            win AS (SELECT w.* FROM ad_win w JOIN own USING (merchant_no))
            SELECT (SELECT count(*) FROM win WHERE reason = 'expired')
                 + (SELECT count(closed_us) FROM lease)
                 + (SELECT count(DISTINCT (campaign, day)) FROM lease WHERE swept_us IS NOT NULL)
        """
        with self.engine.database.transaction() as tx:
            row = tx.execute(statement, [self.merchant]).fetchone()
        return 0 if row is None else int(row[0])


def changed(win: Win, **change: Any) -> Win:
    return msgspec.structs.replace(win, **change)


def faults(engine: Engine) -> list[str]:
    """Of the checks that are about the money of ads."""
    from quanyu.storage.audit import ad_billing, campaigns

    checks = (
        campaigns.campaigns_are_in_the_book, ad_billing.leases_are_in_the_book,
        ad_billing.leases_hold_their_wins, ad_billing.wins_are_billed_once,
    )  # fmt: skip
    return [fault for check in checks for fault in check(engine.audited).violations]
