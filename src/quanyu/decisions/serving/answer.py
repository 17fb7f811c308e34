"""What a touchpoint is answered. It says what stands where; no field could put a step, a pop-up
or a delay before anybody."""

from typing import Any

import msgspec

from quanyu.touchpoints.touchpoint import Kind


class Slot(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    position: int
    """From 1."""
    kind: Kind
    id: str
    reason: str
    """For who looks: why this."""
    label: str | None = None
    """Must stand beside it where everybody sees it."""
    title: str | None = None
    text: str | None = None
    image: str | None = None
    landing: dict[str, str] | None = None
    """Of an ad: ``{"item": id}``."""
    offer: str | None = None
    distance: str | None = None
    """In steps only: nobody learns where somebody stands."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    trace: str
    touchpoint: str
    personalised: bool
    slots: tuple[Slot, ...]
    plainer: tuple[str, ...] = ()
    """Parts that were missing, so that the answer is plainer than it could be."""

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found
