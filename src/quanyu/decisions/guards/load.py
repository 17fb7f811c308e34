"""How many ads a page may carry, and where: load counted exactly over the whole page, and gaps."""

from collections.abc import Iterator

from quanyu.decisions.asking import Page
from quanyu.touchpoints.touchpoint import Touchpoint


def page_of(page: Page | None, *, slots: int) -> Page:
    """What the asker said of the page; nothing said: these slots are all of it."""
    return Page(modules=slots) if page is None else page


def ads_allowed(touchpoint: Touchpoint, page: Page) -> int:
    """How many more ads the page may carry: 30.0 % is not more than 30 %, the smallest excess
    is."""
    if "ad" not in touchpoint.kinds:
        return 0
    most = touchpoint.ad_permille_max * page.modules // 1000
    return max(0, most - page.ads)


def ad_positions(touchpoint: Touchpoint, page: Page, *, slots: int) -> tuple[int, ...]:
    """Positions from 0 in which an ad may stand, all of them together: as high as the gap
    allows, for the best place is what is bid for."""
    return tuple(_spread(touchpoint, page, slots=slots))[: ads_allowed(touchpoint, page)]


def _spread(touchpoint: Touchpoint, page: Page, *, slots: int) -> Iterator[int]:
    first = 0 if page.since_ad is None else max(0, touchpoint.ad_gap - page.since_ad)
    yield from range(first, slots, touchpoint.ad_gap + 1)
