"""What the gate is shown of a show. Pure."""

from datetime import date

from quanyu.compliance.showing import PriceShown, Showing
from quanyu.content.library.reviewing import texts_of
from quanyu.content.marking.words import says_generated
from quanyu.content.shows.script import FromPiece
from quanyu.content.shows.show import Show


def showing_of(show: Show, merchant: str, *, on: date) -> Showing:
    """Everything that is said or stands on the screen; a show of goods is an ad. A host made by a
    machine is marked: without its label the show does not start. What a machine wrote says so."""
    titles = {f"slots[{place}].title": one.title for place, one in enumerate(show.slots)}
    texts = {"title": show.title} | {name: text for name, text in titles.items() if text}
    script = texts_of("script", show.segments)
    written = isinstance(show.script, FromPiece) and show.script.generated
    marked = any(map(says_generated, script.values()))
    texts |= script
    prices = tuple(
        PriceShown(
            shop=one.shop, item=one.item, price_fen=one.price_fen,
            reference_fen=one.list_fen if one.list_fen > one.price_fen else None,
            basis=one.basis or None,
        )
        for one in show.slots
    )  # fmt: skip
    return Showing(
        kind="show", id=show.id, merchant=merchant, industry=show.industry, on=on, texts=texts,
        touchpoint=show.room, advertises=True, marked_as_ad=show.marked_as_ad,
        generated=show.has_ai_host or written,
        marked_as_generated=marked if written else show.has_ai_host,
        prices=prices,
    )  # fmt: skip
