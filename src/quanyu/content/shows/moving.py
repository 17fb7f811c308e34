"""One step of a show: its row is locked, the table is asked, what happened is archived."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

import msgspec

from quanyu.clock import Clock
from quanyu.content.shows.archive import Entry, follow
from quanyu.content.shows.ports import ShowStore
from quanyu.content.shows.show import Standing
from quanyu.content.shows.states import MOVES, ShowRefusal, ShowState
from quanyu.content.shows.states import ShowVerb as Verb
from quanyu.content.shows.telling import VIOLATION, Told
from quanyu.errors import NotFound, Refused
from quanyu.events.once import Once
from quanyu.events.requests import Request

Tx = TypeVar("Tx")


class Scene(NamedTuple):
    """What a step makes of a show, and what it tells the archive."""

    standing: Standing
    told: Sequence[Told] = ()


class Done(msgspec.Struct, frozen=True, tag="done"):
    standing: Standing
    entries: tuple[Entry, ...]

    @property
    def violations(self) -> list[Entry]:
        return [one for one in self.entries if one.kind == VIOLATION]

    def as_json(self) -> dict[str, Any]:
        return {
            "show": self.standing.show.id, "state": self.standing.state.value,
            "entries": [one.as_json() for one in self.entries],
            "violations": [one.as_json() for one in self.violations],
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stage(Generic[Tx]):
    once: Once[Tx]
    store: ShowStore[Tx]
    clock: Clock

    def step(
        self,
        request: Request,
        show: str,
        *,
        verb: Verb,
        do: Callable[[Tx, Standing], Scene | Refused],
    ) -> Done | Refused:
        """Raises NotFound, and what ``do`` raises; then nothing has changed."""

        def work(tx: Tx) -> Done | Refused:
            found = self.store.locked(tx, request.merchant, show=show)
            if found is None:
                raise no_show(show)
            before, head = found
            if (before.state, verb) not in MOVES:
                return Refused(_refusal(before.state, verb))
            scene = do(tx, before)
            if isinstance(scene, Refused):
                return scene
            now_us, to = self.clock.now_us(), MOVES[before.state, verb]
            since_us = before.since_us if to is before.state else now_us
            after = msgspec.structs.replace(scene.standing, state=to, since_us=since_us)
            self.store.put(tx, request.merchant, standing=after)
            entries = follow(request.merchant, show, head=head, at_us=now_us, told=scene.told)
            self.store.append(tx, request.merchant, entries=entries)
            return Done(after, tuple(entries))

        return self.once.run(request, work, answer=Done)

    def find(self, merchant: str, show: str) -> Standing:
        """Raises NotFound."""
        with self.once.transactions.transaction() as tx:
            found = self.store.find(tx, merchant, show=show)
        if found is None:
            raise no_show(show)
        return found


def no_show(show: str) -> NotFound:
    return NotFound(f"show {show[:64]!r}; see `quanyu show next`")


def _refusal(state: ShowState, verb: Verb) -> ShowRefusal:
    if verb is Verb.START and state is ShowState.PLANNED:
        return ShowRefusal.NOT_APPROVED
    return ShowRefusal.NOT_LIVE if verb is Verb.LOG else ShowRefusal.WRONG_STATE
