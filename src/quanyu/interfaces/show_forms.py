"""Plans of shows, and what happens in them, read alike by every door."""

from typing import Any

import msgspec

from quanyu.content.library.version import By
from quanyu.content.shows.happenings import Happening, Recording
from quanyu.content.shows.show import Plan, checked_plan
from quanyu.strict import converted, decoded


class PlanForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    plan: dict[str, Any]
    actor: str
    note: str = ""

    @property
    def by(self) -> By:
        return By(self.actor, self.note)


class MoveForm(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    actor: str
    note: str = ""
    label: bool = False
    """At a start: the screen says that the host is made by a machine."""
    recording: Recording | None = None
    """At the closing of the archive: where the replay is."""

    @property
    def by(self) -> By:
        return By(self.actor, self.note)


def read_move(raw: bytes) -> MoveForm:
    """Raises BadInput."""
    return decoded(raw, MoveForm, name="body")


def read_plan_form(raw: bytes, *, show: str) -> tuple[PlanForm, Plan]:
    """``show``: the id, which the address says. Raises BadInput."""
    form = decoded(raw, PlanForm, name="body")
    return form, checked_plan(converted({**form.plan, "id": show}, Plan, name="show"))


def read_plan(text: bytes) -> Plan:
    """Raises BadInput with the path of the field."""
    return checked_plan(decoded(text, Plan, name="show"))


def read_happening(raw: bytes) -> Happening:
    """``{"kind": "slot", "slot": "s1"}``. Raises BadInput."""
    found: Happening = decoded(raw, Happening, name="body")  # type: ignore[arg-type]
    return found
