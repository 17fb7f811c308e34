"""From what a touchpoint sends to what may be used of it: the signals that its data allows."""

from collections.abc import Mapping, Sequence
from typing import Any

from quanyu.clock import china_datetime, parse_iso
from quanyu.decisions.asking import Ask, Context
from quanyu.decisions.moment import Moment
from quanyu.decisions.recall.scenes import Contents
from quanyu.decisions.recall.words import Words
from quanyu.errors import BadInput
from quanyu.touchpoints.fitness import scene_words
from quanyu.touchpoints.touchpoint import Touchpoint

CHINA_LAT, CHINA_LNG = (3.0, 54.0), (73.0, 136.0)
"""A frame around the country; what lies outside has no stores of ours."""
DRIFT_US = 10 * 60 * 1_000_000
"""How far ahead a device's clock may run."""


def at_us_of(context: Context, now_us: int) -> int:
    """Raises BadInput for what is no time, or lies ahead."""
    if context.at is None:
        return now_us
    try:
        at_us = parse_iso(context.at)
    except ValueError as error:
        raise BadInput("context.at", f"write ISO 8601 with an offset: {error}") from None
    if at_us > now_us + DRIFT_US:
        raise BadInput("context.at", "that is still to come; leave it out for now")
    return at_us


def check_place(context: Context) -> None:
    """Raises BadInput for a place outside the country."""
    named = [("context.location", context.location)]
    named += [(f"context.route[{at}]", one) for at, one in enumerate(context.route)]
    for field, point in named:
        if point is None:
            continue
        inside = (
            CHINA_LAT[0] <= point.lat <= CHINA_LAT[1] and CHINA_LNG[0] <= point.lng <= CHINA_LNG[1]
        )
        if not inside:
            raise BadInput(field, "it lies outside China; send latitude first, WGS-84")


def moment_of(
    ask: Ask, touchpoint: Touchpoint, *, at_us: int, words: Words, around: "Around"
) -> Moment:
    """Signals that the touchpoint's data does not name are not looked at."""
    context, local = ask.context, china_datetime(at_us)
    use = set(touchpoint.signals)
    screen = around.on_screen(context) if "content" in use else ()
    scene = scene_words(touchpoint, hour=local.hour, weekday=local.weekday())
    return Moment(
        touchpoint=touchpoint.id,
        at_us=at_us,
        hour=local.hour,
        weekday=local.weekday(),
        words=tuple(dict.fromkeys((*screen, *words.of(*scene)))),
        query=words.of(context.query) if "query" in use else (),
        here=context.location if "location" in use else None,
        route=context.route if "route" in use else (),
        basket=around.in_hand(context, use),
        device=context.device if "device" in use else "",
    )


class Around:
    """What stands around a moment: pieces by id, and the items of a paid order."""

    def __init__(
        self, contents: Contents | None, words: Words, *, ordered: Mapping[str, Sequence[str]]
    ) -> None:  # fmt: skip
        """``ordered``: order → its items, of the orders that are asked about."""
        self._contents = contents
        self._words = words
        self._ordered = ordered

    def on_screen(self, context: Context) -> tuple[str, ...]:
        known: tuple[str, ...] = ()
        if context.content is not None and self._contents is not None:
            known = self._contents.words_of(context.content)
        return (*known, *self._words.of(*context.scene))

    def in_hand(self, context: Context, use: set[Any]) -> tuple[str, ...]:
        found: list[str] = []
        if "item" in use and context.item is not None:
            found.append(context.item)
        if "basket" in use:
            found += context.basket
        if "order" in use and context.order is not None:
            found += self._ordered.get(context.order, ())
        return tuple(dict.fromkeys(found))
