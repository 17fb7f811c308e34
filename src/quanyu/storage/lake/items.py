"""Top items per hour as an Ibis expression."""

import ibis

from quanyu.measurement.items import TopItem, TopItems, TopItemsQuery, top_items_of
from quanyu.storage.lake.filters import chosen, hour_of
from quanyu.storage.lake.table import Reading


def top_items(reading: Reading, query: TopItemsQuery) -> TopItems:
    events = chosen(reading.trusted, query.period, where=query.where)
    seen = events.filter((events.kind == query.kind) & events.item.notnull())
    seen = seen.select("person", "item", hour=hour_of(seen))
    counted = seen.group_by("hour", "item").aggregate(
        events=seen.count(), people=seen.person.nunique()
    )
    best_first = ibis.window(
        group_by=counted.hour, order_by=[counted.events.desc(), counted["item"]]
    )
    ranked = counted.mutate(place=ibis.row_number().over(best_first))
    rows = reading.rows(ranked.filter(ranked.place < query.top))
    return top_items_of(
        query, ((r["hour"], TopItem(r["item"], r["events"], r["people"])) for r in rows)
    )
