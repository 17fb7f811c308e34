"""A touchpoint for tests: a feed of ten that sells three."""

from typing import Any

import msgspec

from quanyu.touchpoints.touchpoint import Touchpoint

HOME: dict[str, Any] = {
    "id": "mall.home", "label": "商城首页", "place": "feed", "slots": 10, "kinds": ["ad", "item"],
    "ad_permille_max": 300, "ad_gap": 2,
}  # fmt: skip


def touchpoint(**change: Any) -> Touchpoint:
    return msgspec.convert(HOME | change, Touchpoint)
