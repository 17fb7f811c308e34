"""People who are answered: what is kept of it, and how they are asked for."""

from collections.abc import Sequence
from typing import Any

from tests.engine_ground import TEA, rows

from quanyu.decisions.guards.caps import Contact
from quanyu.decisions.guards.viewer import Viewer
from quanyu.decisions.serving.record import Record
from quanyu.ids import Token
from quanyu.wiring import Engine

PLACE = "taobao.item"
Identifier = tuple[str, Token]


def token(engine: Engine, who: str, merchant: str = TEA) -> Identifier:
    """``who``: ``li`` of taobao, or ``phone:138…``."""
    return engine.privacy.token(merchant, who if ":" in who else f"taobao_id:{who}")


def viewers(
    engine: Engine, *asked: Sequence[str], merchant: str = TEA, at_us: int | None = None
) -> list[Viewer]:
    """One for each ask, which is some identifiers."""
    tokens = [[token(engine, who, merchant) for who in one] for one in asked]
    now_us = engine.clock.now_us() if at_us is None else at_us
    with engine.database.transaction() as tx:
        return list(engine.viewers.viewers(tx, merchant, asked=tokens, at_us=now_us))


def viewer(engine: Engine, *who: str) -> Viewer:
    (found,) = viewers(engine, who)
    return found


def nodes(engine: Engine, who: str, merchant: str = TEA) -> tuple[int, ...]:
    """Of the person, whether or not anything may be read of it."""
    kind, value = token(engine, who, merchant)
    found = rows(
        engine.database,
        "SELECT coalesce(p.person, node) FROM identifier LEFT JOIN person_of p USING (node)"
        " JOIN merchant USING (merchant_no) WHERE name = %s AND kind = %s AND token = %s",
        merchant, kind, value,
    )  # fmt: skip
    person = found[0][0]
    others = rows(engine.database, "SELECT node FROM person_of WHERE person = %s", person)
    return (person, *sorted(node for (node,) in others))


def trace_of(number: int) -> bytes:
    return number.to_bytes(16, "big")


def ad(at_us: int, **fields: str) -> Contact:
    about = {
        "touchpoint": PLACE, "campaign": "spring", "creative": "a", "advertiser": "shop",
        "category": "茶",
    }  # fmt: skip
    return Contact(at_us=at_us, **about | fields)


def record(trace: bytes, at_us: int, *, nodes: Sequence[int] = (), told: bytes = b"") -> Record:
    return Record(trace=trace, at_us=at_us, touchpoint=PLACE, nodes=tuple(nodes), told=told)


def keep(engine: Engine, *records: Record, contacts: Sequence[tuple[int, Contact]] = ()) -> None:
    with engine.database.transaction() as tx:
        engine.decision_log.keep(tx, TEA, records=records)
        engine.contacts.keep(tx, TEA, contacts=contacts)


def answered(
    engine: Engine, merchant: str, trace: bytes, *, who: dict[str, str], at_us: int
) -> None:
    """A decision for a person whom the engine knows already, with one ad."""
    kind, value = next(iter(who.items()))
    held = nodes(engine, f"{kind}:{value}", merchant)
    with engine.database.transaction() as tx:
        engine.decision_log.keep(tx, merchant, records=[record(trace, at_us, nodes=held)])
        engine.contacts.keep(tx, merchant, contacts=[(held[0], ad(at_us))])


def kept_of(engine: Engine, held: Sequence[int]) -> tuple[int, int]:
    """(Contacts, decisions) of some nodes."""
    args: list[Any] = [list(held)]
    (contacts,) = rows(
        engine.database, "SELECT count(*) FROM ad_contact WHERE node = ANY (%s)", *args
    )
    (decisions,) = rows(
        engine.database, "SELECT count(*) FROM decision WHERE nodes && %s::bigint[]", *args
    )
    return contacts[0], decisions[0]
