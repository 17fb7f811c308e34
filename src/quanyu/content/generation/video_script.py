"""A short video: shots with seconds, picture, voice and subtitle, to the second."""

import re

import msgspec

from quanyu.content.generation.brief import Brief, Item
from quanyu.content.generation.deck import Deck
from quanyu.content.generation.draft import Draft, Part
from quanyu.content.generation.material import phrase
from quanyu.content.generation.passages import Passages, order_of
from quanyu.content.generation.speaking import VIDEO, stretched, time_of
from quanyu.errors import BadInput

SELLING_PERCENT_MAX = 30
SUBTITLE_CHARACTERS_MAX = 16
STRETCH_SECONDS_MAX = 2
_CLAUSE = re.compile(r"[，。？！；：、]")


def video_script(brief: Brief, deck: Deck, *, item: Item) -> Draft:
    """Raises BadInput when the seconds cannot hold what must be said."""
    says = Passages(brief, deck, item=item)
    hook = _hook(says)
    head = [_shot(says, "hook", text=hook, shown=subtitle_of(hook)),
            _shot(says, "reveal", text=says.line("reveal"), shown=item.title)]  # fmt: skip
    sale = _sale(says, brief.seconds)
    left = brief.seconds - time_of([*head, *sale])
    middle = _middle(says, left)
    if not middle:
        need = time_of([*head, *sale]) + 10
        raise BadInput("brief.seconds", f"give about {max(need, brief.seconds + 10)} seconds")
    parts = stretched(
        [*head, *middle, *sale], brief.seconds, roles=("reveal", "demo", "facts", "points"),
        most=STRETCH_SECONDS_MAX,
    )  # fmt: skip
    return Draft("video-script", says.line("title_video"), tuple(parts))


def _hook(says: Passages) -> str:
    pains = says.item.pains
    if pains and says.deck.chance.random() < 0.6:
        return says.line("hook_given", pain=phrase(says.deck.chance.choice(pains)))
    return says.line("hook")


def _middle(says: Passages, left: int) -> list[Part]:
    """Steps, facts and points in their order, then advice, as far as the time goes."""
    item = says.item
    step = (*item.how_to, "")[0]
    wanted = [("demo", says.steps(), order_of(step))]
    chosen = (says.some(most) for most in (3, 2, 1))
    wanted += [("facts", says.told(one), _row([key for key, _ in one])) for one in chosen]
    points = (says.points(most) for most in (2, 1))
    wanted += [("points", text, subtitle_of(says.first_point())) for text in points]
    wanted += [("tip", tip, subtitle_of(tip)) for tip in (says.tip() for _ in range(5)) if tip]
    found: list[Part] = []
    for role, text, shown in wanted:
        again = role in ("facts", "points") and any(one.role == role for one in found)
        if text and not again:
            part = _shot(says, role, text=text, shown=shown)
            if time_of([*found, part]) <= left:
                found.append(part)
    return found


def _row(keys: list[str]) -> str:
    """As many as fit a subtitle."""
    while len("、".join(keys)) > SUBTITLE_CHARACTERS_MAX and len(keys) > 1:
        keys = keys[:-1]
    return "、".join(keys)


def _sale(says: Passages, seconds: int) -> list[Part]:
    room = seconds * SELLING_PERCENT_MAX // 100
    price, offer, call = says.price(), says.offer(), says.call()
    shown = says.slots.get("price", "价格以页面为准")
    found: list[Part] = []
    for role, text, small in (("price", price, shown), ("call", call, subtitle_of(call)),
                              ("price", offer, subtitle_of(offer))):  # fmt: skip
        if text and time_of([*found, part := _shot(says, role, text=text, shown=small)]) <= room:
            found.append(part)
    if not found:
        raise BadInput("brief.seconds", "give more seconds: the price alone takes over 30 %")
    return sorted(found, key=lambda one: one.role == "call")


def _shot(says: Passages, role: str, *, text: str, shown: str) -> Part:
    rule = "picture_call" if role in ("price", "call") else f"picture_{role}"
    return msgspec.structs.replace(
        VIDEO.part(role, text, items=(says.item.id,) if role in ("price", "call") else ()),
        picture=says.line(rule), subtitle=shown[:SUBTITLE_CHARACTERS_MAX],
    )  # fmt: skip


def subtitle_of(voice: str) -> str:
    """All of it where it fits a line, else the longest clause that does."""
    if 0 < len(phrase(voice)) <= SUBTITLE_CHARACTERS_MAX:
        return phrase(voice)
    clauses = [one for one in _CLAUSE.split(voice) if one]
    fitting = [one for one in clauses if len(one) <= SUBTITLE_CHARACTERS_MAX]
    return max(fitting or clauses or [""], key=len)[:SUBTITLE_CHARACTERS_MAX]
