"""How good an item page, a live script or a POI page is, and what to do about it next."""

from quanyu.content.improvement.pages import FORMS, ItemPage, PoiPage, ScriptPage
from quanyu.content.improvement.scoring import Report, scored

__all__ = ["FORMS", "ItemPage", "PoiPage", "Report", "ScriptPage", "scored"]
