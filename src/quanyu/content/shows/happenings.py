"""What is told of a show while it is live, in the form in which it is told."""

from typing import Annotated

import msgspec
from msgspec import Meta

from quanyu.content.piece import Word
from quanyu.content.shows.show import Id


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind"):
    pass


class SlotShown(Form, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="slot"):
    """The host has come to this slot; the one before is over."""

    slot: Id


class CouponDropped(Form, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="coupon"):
    """A batch can be claimed on the screen now."""

    offer: Word


class Label(Form, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="label"):
    """The mark on the screen that the host is made by a machine."""

    on: bool


class StockSaid(Form, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="stock"):
    """库存仅剩 N 件: what the host says."""

    item: Word
    pieces: Annotated[int, Meta(ge=0, le=10**9)]


class LastChance(
    Form, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="last_chance"
):
    """最后一次: the host says that this price does not come again."""

    slot: Id


class Recording(Form, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="recording"):
    """Where the replay is kept, and what it is."""

    uri: Annotated[str, Meta(min_length=1, max_length=500)]
    sha256: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]


class Note(Form, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="note"):
    text: Annotated[str, Meta(min_length=1, max_length=500)]


Happening = SlotShown | CouponDropped | Label | StockSaid | LastChance | Recording | Note
