"""How many ads a page may carry, and where: load counted exactly over the whole page, and gaps."""

from collections.abc import Iterator

import msgspec

from quanyu.decisions.asking import Page
from quanyu.touchpoints.touchpoint import Touchpoint


def ads_allowed(touchpoint: Touchpoint, page: Page) -> int:
    """How many more ads the page may carry: 30.0 % is not more than 30 %, the smallest excess
    is."""
    if "ad" not in touchpoint.kinds:
        return 0
    most = touchpoint.ad_permille_max * page.modules // 1000
    return max(0, most - page.ads)


def ad_places(
    touchpoint: Touchpoint, page: Page | None, *, slots: int, organic: int, marked: int = 0
) -> tuple[int, ...]:
    """Positions from 0 for ads in the longest list that ``organic`` other things and these ads can
    fill: what is short of things to show is short of ads too. ``page`` None: the list is all.
    ``marked``: of the other things those that are ads because they sell."""
    for size in range(slots, 0, -1):
        around = page_around(page, size=size, slots=slots)
        around = msgspec.structs.replace(around, ads=around.ads + marked)
        found = ad_positions(touchpoint, around, slots=size)
        if len(found) + organic >= size:
            return found
    return ()


def page_around(page: Page | None, *, size: int, slots: int) -> Page:
    """The page with ``size`` of the ``slots`` filled; ``page`` None: they are all of it."""
    if page is None:
        return Page(modules=max(1, size))
    return msgspec.structs.replace(page, modules=max(1, page.modules - (slots - size)))


def ad_positions(touchpoint: Touchpoint, page: Page, *, slots: int) -> tuple[int, ...]:
    """Positions from 0 in which an ad may stand, all of them together: as high as the gap
    allows, for the best place is what is bid for."""
    return tuple(_spread(touchpoint, page, slots=slots))[: ads_allowed(touchpoint, page)]


def _spread(touchpoint: Touchpoint, page: Page, *, slots: int) -> Iterator[int]:
    first = 0 if page.since_ad is None else max(0, touchpoint.ad_gap - page.since_ad)
    yield from range(first, slots, touchpoint.ad_gap + 1)
