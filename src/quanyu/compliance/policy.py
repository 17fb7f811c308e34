"""Limits of the ecosystem that no statute sets: on by default, and the operator may move them."""

from typing import Annotated

import msgspec
from msgspec import Meta

from quanyu.errors import BadInput

Permille = Annotated[int, Meta(ge=0, le=1000)]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    rise_percent_max: Annotated[int, Meta(ge=0, le=1000)] = 20
    """A compared price that lies further above what was paid before is a raise."""
    rise_days: Annotated[int, Meta(ge=7, le=365)] = 30
    """How far back “before” is."""
    home_ads_permille_max: Permille = 300
    """Of the modules of a home page."""
    live_ads_permille_max: Permille = 100
    """Of the air time of a show."""
    content_value_permille_min: Permille = 700
    """Of a piece of content: what is worth reading without buying."""
    pay_steps_added_max: Annotated[int, Meta(ge=0, le=10)] = 0
    modals_after_pay_max: Annotated[int, Meta(ge=0, le=10)] = 0
    relaunch_days: Annotated[int, Meta(ge=0, le=3650)] = 30
    """How long “最后一次” binds."""


DEFAULT = Policy()


def share_exceeds(part: int, whole: int, *, permille_max: int) -> bool:
    """Exact: 30.0 % is not more than 30 %, the smallest excess is."""
    return part * 1000 > permille_max * whole


def read_policy(text: str) -> Policy:
    """``{"rise_percent_max": 15}``; what is left out keeps its default. Raises BadInput."""
    try:
        return msgspec.json.decode(text, type=Policy)
    except msgspec.DecodeError as error:
        raise BadInput("policy", str(error)) from None
