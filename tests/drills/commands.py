"""Commands for drill A2, each run in a process that may be made to exit at a named point
(``mortals``). Every command may be repeated; that is what a caller does who got no answer.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tests.drills import (
    ad_commands,
    benefit_commands,
    campaign_commands,
    coupon_commands,
    instalment_commands,
    order_commands,
    show_commands,
)
from tests.events_ground import array, seen
from tests.ledger_ground import ACCOUNTS, TILL, held, moved, named

from quanyu.ledger.accounts import Account

if TYPE_CHECKING:
    from quanyu.wiring import Engine

SHOP = "shop"
VICTIM = "taobao_id:tb-3"
HELD, SHORT = held("held", 60), held("short", 40, timeout_us=1)


def known() -> bytes:
    return array(*(person_seen(n) for n in range(40)), seen("bad-1", kind="dance"))


def person_seen(number: int) -> dict[str, object]:
    identifiers = {"taobao_id": f"tb-{number % 8}"}
    if number % 4 == 3:
        identifiers["phone"] = f"1391234{number % 8:04d}"
    return seen(f"known-{number}", identifiers=identifiers, item=f"i{number % 5}")


def prepare(engine: "Engine") -> None:
    """What is there before each command: some of it read by everybody, some by nobody."""
    engine.events.record(SHOP, known())
    engine.projector.catch_up()
    engine.events.record("cafe", array(seen("known-1"), seen("other")))
    engine.ledger.post([[moved("in", 900)], [HELD], [SHORT]], accounts=ACCOUNTS)
    benefit_commands.prepare_benefits(engine)
    order_commands.prepare_orders(engine)
    instalment_commands.prepare_instalments(engine)
    coupon_commands.prepare_coupons(engine)
    show_commands.prepare_shows(engine)
    campaign_commands.prepare_campaigns(engine)
    ad_commands.prepare_ads(engine)


def post(engine: "Engine") -> None:
    """Opens an account; a chain, one that is refused, the end of a hold, and a twin."""
    chains = [
        [moved("a", 5, credit="new"), moved("b", 3, debit="new", credit="till")],
        [moved("c", 10_000, debit="purse", credit="till")],
        [HELD.settled(named("settled"), amount=20)],
        [moved("in", 900)],
    ]
    engine.ledger.post(chains, accounts=[TILL, Account("new", "fen", SHOP)])


def expire(engine: "Engine") -> None:
    engine.ledger_writer.expire()


def record(engine: "Engine") -> None:
    new = [seen(f"new-{n}", identifiers={"taobao_id": f"tb-{n}"}) for n in range(9)]
    body = array(*new, seen("known-1"), seen("new-1"), seen("bad-2", item=7))
    engine.events.record(SHOP, body)


def replay(engine: "Engine") -> None:
    for kept in list(engine.events.quarantined(SHOP)):
        engine.events.replay(SHOP, kept.id, replacement=array(seen("bad-1")))


def catch_up(engine: "Engine") -> None:
    engine.projector.catch_up()


def rebuild(engine: "Engine") -> None:
    engine.projector.catch_up()
    for name in engine.projector.names:
        engine.projector.rebuild(name)
    engine.projector.catch_up()


def flush(engine: "Engine") -> None:
    engine.projector.catch_up()
    engine.lake.flush()


def erase(engine: "Engine") -> None:
    engine.privacy.resume()
    engine.privacy.erase(SHOP, VICTIM)


def erase_from_the_lake(engine: "Engine") -> None:
    flush(engine)
    erase(engine)


def sweep(engine: "Engine") -> None:
    """The hourly chore that removes what a crash left beside the manifest."""
    engine.lake_store.remove_orphans()


def switch_off(engine: "Engine") -> None:
    engine.projector.catch_up()
    if not engine.privacy.is_off(engine.privacy.known_subject(SHOP, VICTIM)):
        engine.privacy.personalise(SHOP, VICTIM, on=False)


COMMANDS: dict[str, Callable[["Engine"], None]] = (
    {
        command.__name__: command
        for command in (
            prepare,
            record,
            replay,
            catch_up,
            rebuild,
            flush,
            erase,
            erase_from_the_lake,
            sweep,
            switch_off,
            post,
            expire,
        )
    }
    | benefit_commands.COMMANDS
    | order_commands.COMMANDS
    | instalment_commands.COMMANDS
    | coupon_commands.COMMANDS
    | show_commands.COMMANDS
    | campaign_commands.COMMANDS
    | ad_commands.COMMANDS
)
