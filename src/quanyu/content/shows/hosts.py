"""A host asks to be forgotten (PIPL 47): a stand-in takes the place of name, number and age.

What never went on air is changed at once. A show that did is kept for three years from its end
(《直播电商监督管理办法》第十六条; PIPL 47 (2): then it is only stored), and changed by retention
afterwards. Of a show to come the host is taken out by changing the plan.
"""

from collections.abc import Collection, Sequence
from typing import Any, Generic, NamedTuple, Protocol, TypeVar

import msgspec

from quanyu.clock import Clock, format_iso
from quanyu.content.shows.script import FromPiece, Script
from quanyu.content.shows.show import Host, Show, Standing
from quanyu.content.shows.states import ShowState
from quanyu.errors import BadInput, NotFound
from quanyu.events.once import Transactions

Tx = TypeVar("Tx")
In = TypeVar("In", contravariant=True)
FORMER, NAMELESS = "former", "主播"
ON_AIR = frozenset({ShowState.LIVE, ShowState.ENDED, ShowState.ARCHIVED})


class HostStore(Protocol[In]):
    def of_host(self, tx: In, merchant: str, *, host: str) -> Sequence[Standing]:
        """Shows whose plan has a host of this number or name, by start, locked until commit."""

    def put(self, tx: In, merchant: str, *, standing: Standing) -> None: ...


class Forgotten(msgspec.Struct, frozen=True):
    """By id. ``kept``: (show, not before)."""

    changed: tuple[str, ...]
    kept: tuple[tuple[str, int], ...]
    to_come: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {
            "changed": list(self.changed),
            "kept": [
                {"show": show, "until": format_iso(until_us), "why": "live_archive_of_three_years"}
                for show, until_us in self.kept
            ],
            "to_come": list(self.to_come),
        }


def is_called(host: Host, who: str) -> bool:
    return who in (host.id, host.name)


def without(show: Show, ids: Collection[str]) -> Show:
    """The show with stand-ins for these hosts; their names go from every text as well. Shares of
    the commission stay, so that the figures do."""
    gone = [one for one in show.hosts if one.id in ids]
    hosts = tuple(
        _stand_in(place, one) if one.id in ids else one for place, one in enumerate(show.hosts, 1)
    )
    names = sorted({name for one in gone for name in (one.name, one.id)}, key=len, reverse=True)
    script = _script_without(show.script, names)
    title = _without(show.title, names)
    slots = tuple(
        msgspec.structs.replace(one, title=_without(one.title, names)) for one in show.slots
    )
    return msgspec.structs.replace(show, hosts=hosts, script=script, title=title, slots=slots)


def _script_without(script: Script, names: Sequence[str]) -> Script:
    if isinstance(script, FromPiece):
        said = _script_without(script.segments, names)
        return msgspec.structs.replace(script, segments=said)
    return tuple(msgspec.structs.replace(one, text=_without(one.text, names)) for one in script)


def _without(text: str, names: Sequence[str]) -> str:
    for name in names:
        if len(name) > 1:
            text = text.replace(name, NAMELESS)
    return text


def known_hosts(show: Show) -> list[str]:
    """Of people whom retention has not taken out yet; a machine is nobody."""
    return [
        one.id
        for place, one in enumerate(show.hosts, 1)
        if one.kind == "human" and one != _stand_in(place, one)
    ]


def _stand_in(place: int, host: Host) -> Host:
    return Host(f"{FORMER}-{place}", NAMELESS, host.kind, share_bp=host.share_bp)


class Fate(NamedTuple):
    changed: bool = False
    kept_until_us: int | None = None


def fate(standing: Standing, *, now_us: int, kept_us: int) -> Fate:
    """``kept_us``: how long a show that went on air is kept from its end. Neither changed nor
    kept: it is still to come."""
    if standing.state in ON_AIR:
        ended_us = standing.ended_us or max(now_us, standing.show.ends_us)
        until_us = max(standing.kept_until_us or 0, ended_us + kept_us)
        return Fate(now_us >= until_us, until_us)
    over = standing.state is ShowState.CANCELLED or standing.show.ends_us <= now_us
    return Fate(changed=over)


class HostDesk(Generic[Tx]):
    def __init__(
        self, transactions: Transactions[Tx], store: HostStore[Tx], *, clock: Clock, kept_us: int
    ) -> None:
        self._transactions = transactions
        self._store = store
        self._clock = clock
        self._kept_us = kept_us

    def forget(self, merchant: str, who: str) -> Forgotten:
        """``who``: number or name. May be asked again. Raises BadInput and NotFound."""
        if not who.strip() or who == NAMELESS:
            raise BadInput("host", "give the number or the name of a host")
        with self._transactions.transaction() as tx:
            shows = self._store.of_host(tx, merchant, host=who)
            if not shows:
                raise NotFound(f"no show has a host {who[:64]!r}")
            fates = [
                (one, fate(one, now_us=self._clock.now_us(), kept_us=self._kept_us))
                for one in shows
            ]
            for standing, its in fates:
                if its.changed:
                    self._store.put(tx, merchant, standing=_forgotten(standing, who))
        return Forgotten(
            changed=tuple(one.show.id for one, its in fates if its.changed),
            kept=tuple(
                (one.show.id, its.kept_until_us)
                for one, its in fates
                if its.kept_until_us is not None and not its.changed
            ),
            to_come=tuple(one.show.id for one, its in fates if its == Fate()),
        )


def _forgotten(standing: Standing, who: str) -> Standing:
    ids = [one.id for one in standing.show.hosts if is_called(one, who)]
    return msgspec.structs.replace(standing, show=without(standing.show, ids))
