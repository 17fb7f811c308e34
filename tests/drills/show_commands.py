"""Content and live shows for drill A2: every step that may die.

Shows wait in each state for their command, each in a room of its own with a host of its own.
"""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import msgspec

from quanyu.clock import MINUTE_US, format_iso
from quanyu.content.library.states import PieceVerb
from quanyu.content.library.version import By
from quanyu.content.piece import Piece, Segment
from quanyu.content.shows.happenings import Note
from quanyu.content.shows.show import Plan, checked_plan
from quanyu.errors import Refused
from quanyu.events.requests import Request
from quanyu.promotions.orders.answers import Notice
from quanyu.promotions.orders.order import OrderForm

if TYPE_CHECKING:
    from quanyu.wiring import Engine

STUDIO, WHO = "studio", {"taobao_id": "ann"}
LIN, WANG = By("lin"), By("wang")
PRICE_FEN = 10_000
NEXT_YEAR = "2099-05-01T18:00:00+08:00"


def asked(operation: str, key: str) -> Request:
    return Request(STUDIO, operation, key, b"drill")


def done(outcome: object) -> Any:
    assert not isinstance(outcome, Refused), outcome
    return outcome


def plan_of(id: str, starts: str, **change: Any) -> Plan:
    said = {
        "id": id, "title": "日常分享", "industry": "general", "room": f"room.{id}",
        "starts": starts, "minutes": 600, "marked_as_ad": True,
        "hosts": [{"id": f"host-{id}", "name": "小林", "age": 30, "permission": "TB-1"}],
        "slots": [{"id": "s1", "shop": "A", "item": "cup", "minutes": 60, "price_fen": PRICE_FEN,
                   "list_fen": PRICE_FEN, "commission_bp": 2_000}],
        "script": [{"text": "先看杯子的做工", "purpose": "value", "seconds": 600}],
        **change,
    }  # fmt: skip
    return checked_plan(msgspec.convert(said, Plan))


def piece_of(id: str, text: str = "先看杯子的做工") -> Piece:
    return Piece(id, "show", "日常分享", "general", (Segment(text, "value", seconds=600),))


def prepare_shows(engine: "Engine") -> None:
    for id in ("draft", "ready", "shown"):
        engine.library.add(STUDIO, piece_of(id), by=LIN)
    for id, verbs in (("ready", ("submit",)), ("shown", ("submit", "approve", "publish"))):
        for verb in verbs:
            move(engine, id, verb)
    engine.library.add(STUDIO, piece_of("shown", "再看一次"), by=LIN)
    for verb in ("submit", "approve"):
        move(engine, "shown", verb, key=f"again {verb}")
    starts = format_iso(engine.clock.now_us() // MINUTE_US * MINUTE_US)
    for id in ("planned", "approved", "live", "ended", "closed"):
        done(engine.show_plans.plan(STUDIO, plan_of(id, starts), by=LIN))
    for id in ("approved", "live", "ended", "closed"):
        done(engine.preparing_shows.approve(asked("show.approve", id), id, by=WANG))
    for id in ("live", "ended", "closed"):
        done(engine.airing_shows.start(asked("show.start", id), id, by=WANG))
    for id in ("ended", "closed"):
        for number in (1, 2):
            buy(engine, f"{id} {number}", show=id)
    done(engine.orders.place(asked("order.place", "late"), form(engine, "late", show="closed")))
    for id in ("ended", "closed"):
        done(engine.airing_shows.end(asked("show.end", id), id, by=WANG))
    done(engine.airing_shows.archive(asked("show.archive", "closed"), "closed", by=WANG))


def form(engine: "Engine", order: str, *, show: str) -> OrderForm:
    line = {"line": "1", "shop": "A", "item": "cup", "quantity": 2, "list_price": PRICE_FEN}
    now = datetime.fromisoformat(format_iso(engine.clock.now_us()))
    said = {
        "order": order, "identifiers": WHO, "touchpoint": f"room.{show}", "show": show,
        "cart": {"now": now, "lines": [line]},
    }  # fmt: skip
    return msgspec.convert(said, OrderForm)


def buy(engine: "Engine", order: str, *, show: str) -> None:
    done(engine.orders.place(asked("order.place", order), form(engine, order, show=show)))
    pay(engine, order)


def pay(engine: "Engine", order: str) -> None:
    notice = Notice(order, 2 * PRICE_FEN, "alipay")
    done(engine.orders.pay(asked("order.pay", order), notice))


def move(engine: "Engine", piece: str, verb: str, *, key: str = "") -> None:
    ask = asked("content.move", key or f"{piece} {verb}")
    done(engine.library.move(ask, piece, verb=PieceVerb(verb), by=WANG))


def add_piece(engine: "Engine") -> None:
    """A version in the place of a draft."""
    engine.library.add(STUDIO, piece_of("draft", "换一个说法"), by=LIN)


def approve_piece(engine: "Engine") -> None:
    move(engine, "ready", "approve")


def publish_piece(engine: "Engine") -> None:
    """In the place of what is shown: two versions move."""
    move(engine, "shown", "publish", key="publish again")


def plan_show(engine: "Engine") -> None:
    """Two days, with the words of a piece of the library."""
    repeat = {"until": "2099-05-02"}
    planned = plan_of("series", NEXT_YEAR, script={"piece": "shown"}, repeat=repeat)
    done(engine.show_plans.plan(STUDIO, planned, by=LIN))


def approve_show(engine: "Engine") -> None:
    done(engine.preparing_shows.approve(asked("show.approve", "planned"), "planned", by=WANG))


def start_show(engine: "Engine") -> None:
    done(engine.airing_shows.start(asked("show.start", "approved"), "approved", by=WANG))


def log_show(engine: "Engine") -> None:
    note = Note("观众提问")
    done(engine.airing_shows.log(asked("show.log", "note"), "live", happening=note))


def place_in_show(engine: "Engine") -> None:
    done(engine.orders.place(asked("order.place", "new"), form(engine, "new", show="live")))


def end_show(engine: "Engine") -> None:
    done(engine.airing_shows.end(asked("show.end", "live"), "live", by=WANG))


def close_show(engine: "Engine") -> None:
    """The archive is closed and the hosts' commission is booked."""
    done(engine.airing_shows.archive(asked("show.archive", "ended"), "ended", by=WANG))


def pay_after_close(engine: "Engine") -> None:
    pay(engine, "late")


def refund_after_close(engine: "Engine") -> None:
    ask = asked("order.refund", "closed 1")
    done(engine.orders.refund(ask, "closed 1", units=[("1", 2)]))


COMMANDS: dict[str, Callable[["Engine"], None]] = {
    command.__name__: command
    for command in (
        add_piece, approve_piece, publish_piece, plan_show, approve_show, start_show, log_show,
        place_in_show, end_show, close_show, pay_after_close, refund_after_close,
    )
}  # fmt: skip
