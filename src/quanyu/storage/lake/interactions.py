"""Who did what with which item, out of the lake, as recall learns from it. Expressions of Ibis."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quanyu.decisions.goods import Goods
from quanyu.decisions.recall.interactions import Interactions
from quanyu.decisions.taste import KINDS
from quanyu.measurement.period import Period
from quanyu.storage.lake.filters import chosen
from quanyu.storage.lake.table import Lake, Reading


def interactions(lake: Lake, merchant: str, *, goods: Goods, since_us: int) -> Interactions:
    """Deeds of KINDS with one of these goods, in the order of time; those of orders that are set
    aside as fake trades are left out."""
    period = Period(since_us)
    return lake.answer(merchant, lambda r: read(r, goods, period=period), period=period)


def read(reading: Reading, goods: Goods, *, period: Period) -> Interactions:
    """The same over an open reading."""
    if len(goods) == 0:
        return Interactions.none()
    events = chosen(reading.trusted, period)
    deeds = events.filter(events.kind.isin(KINDS) & events["item"].notnull())
    listed = {"listed": pa.array(goods.ids), "row": pa.array(np.arange(len(goods), dtype=np.int32))}
    known = reading.memory(pa.table(listed))
    joined = deeds.inner_join(known, deeds["item"] == known.listed)
    columns = joined.select("person", "row", "kind", "at_us", "touchpoint", "event_id")
    return _columns(reading.arrow(columns.order_by("at_us", "event_id")))


def _columns(found: pa.Table) -> Interactions:
    touchpoint = pc.dictionary_encode(found["touchpoint"].combine_chunks())
    kinds = pc.index_in(found["kind"], pa.array(KINDS))
    return Interactions(
        person=found["person"].to_numpy().astype(np.int64),
        row=found["row"].to_numpy().astype(np.int32),
        kind=kinds.to_numpy().astype(np.int8),
        at_us=found["at_us"].to_numpy().astype(np.int64),
        touchpoint=touchpoint.indices.to_numpy(zero_copy_only=False).astype(np.int16),
        touchpoints=tuple(touchpoint.dictionary.to_pylist()) or ("",),
    )
