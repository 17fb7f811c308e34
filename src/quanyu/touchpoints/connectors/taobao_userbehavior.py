"""Taobao UserBehavior (Tianchi data set 649): user,item,category,behaviour,unix seconds.

The set says that somebody bought, not for how much: the payment carries ``amount_unknown``
instead of an invented price, and an order id of its own.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256

from quanyu.clock import CHINA
from quanyu.events.event import IncomingEvent, PropValue
from quanyu.events.intake import Candidate
from quanyu.events.refusals import Fault, Reason

TOUCHPOINT = "taobao.detail"
KINDS = {b"pv": "view", b"fav": "favourite", b"cart": "add_to_cart", b"buy": "payment_completed"}
COLUMNS = ("user", "item", "category", "behaviour", "time")

_ROW = re.compile(rb"(\d{1,19}),(\d{1,19}),(\d{1,19}),(pv|fav|cart|buy),(\d{1,10})")
_COLUMN = re.compile(rb"\d{1,19}")
_ID_BYTES = 12


class TaobaoUserBehavior:
    def rows(self, lines: Iterable[bytes]) -> Iterator[Candidate]:
        """The n-th of several equal rows is an event of its own. Memory grows with the number of
        distinct rows, about 150 bytes each."""
        seen: Counter[bytes] = Counter()
        for place, line in enumerate(lines, 1):
            row = line.strip()
            found = _ROW.fullmatch(row)
            if found:
                digest = sha256(row).digest()[:16]
                seen[digest] += 1
                event = _event(found, _event_id(digest, seen[digest]))
                yield Candidate(row, event, place)
            elif row:
                yield Candidate(row, _fault(row), place)


def _event_id(digest: bytes, occurrence: int) -> str:
    return "tub-" + sha256(digest + b"#%d" % occurrence).hexdigest()[: 2 * _ID_BYTES]


def _event(found: re.Match[bytes], event_id: str) -> IncomingEvent:
    user, item, category, behaviour, seconds = found.groups()
    props: dict[str, PropValue] = {"category": category.decode()}
    order = None
    if behaviour == b"buy":
        order = f"order-{event_id}"
        props["amount_unknown"] = True
    return IncomingEvent(
        event_id=event_id,
        kind=KINDS[behaviour],
        at=datetime.fromtimestamp(int(seconds), CHINA),
        touchpoint=TOUCHPOINT,
        identifiers={"taobao_id": user.decode()},
        item=item.decode(),
        order=order,
        props=props,
    )


def _fault(row: bytes) -> Fault:
    cells = row.split(b",")
    if len(cells) != len(COLUMNS):
        mend = f"write {len(COLUMNS)} columns: user,item,category,behaviour,unix seconds"
        return Fault(None, Reason.BAD_ROW, mend)
    if cells[3] not in KINDS:
        return Fault("behaviour", Reason.BAD_ROW, "write pv, fav, cart or buy")
    wrong = next((n for n in (0, 1, 2) if not _COLUMN.fullmatch(cells[n])), 4)
    return Fault(COLUMNS[wrong], Reason.BAD_ROW, "write a whole number")
