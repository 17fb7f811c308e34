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
    touchpoint: Touchpoint, page: Page | None, *, slots: int, organic: int
) -> tuple[int, ...]:
    """Positions from 0 for ads in the longest list that ``organic`` other things and these ads can
    fill: what is short of things to show is short of ads too. ``page`` None: the list is all."""
    for size in range(slots, 0, -1):
        shorter = slots - size
        modules = size if page is None else max(1, page.modules - shorter)
        around = msgspec.structs.replace(page or Page(modules=1), modules=modules)
        found = ad_positions(touchpoint, around, slots=size)
        if len(found) + organic >= size:
            return found
    return ()


def ad_positions(touchpoint: Touchpoint, page: Page, *, slots: int) -> tuple[int, ...]:
    """Positions from 0 in which an ad may stand, all of them together: as high as the gap
    allows, for the best place is what is bid for."""
    return tuple(_spread(touchpoint, page, slots=slots))[: ads_allowed(touchpoint, page)]


def _spread(touchpoint: Touchpoint, page: Page, *, slots: int) -> Iterator[int]:
    first = 0 if page.since_ad is None else max(0, touchpoint.ad_gap - page.since_ad)
    yield from range(first, slots, touchpoint.ad_gap + 1)
