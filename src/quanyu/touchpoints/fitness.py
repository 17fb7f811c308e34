"""What a touchpoint must fulfil beyond the form of its fields. Pure."""

from collections.abc import Callable, Mapping, Sequence

from quanyu.touchpoints.touchpoint import Cap, Place, Scene, Signal, Touchpoint

Fault = tuple[str, str]
"""Field and mend."""
LABEL = "广告"
"""《广告法》第十四条: an ad is marked with this word; more may stand beside it."""
ANYWHERE: frozenset[Signal] = frozenset({"device", "history"})
SIGNALS: Mapping[Place, frozenset[Signal]] = {
    "search": frozenset({"query", "location"}),
    "feed": frozenset({"location", "basket", "content"}),
    "detail": frozenset({"item", "basket", "location"}),
    "live": frozenset({"content", "item", "basket"}),
    "map": frozenset({"query", "location", "route"}),
    "route": frozenset({"location", "route"}),
    "wallet": frozenset({"location", "order"}),
    "paid": frozenset({"order", "basket", "location"}),
    "points": frozenset({"order"}),
    "member": frozenset({"order", "basket"}),
    "video": frozenset({"content"}),
    "pause": frozenset({"content"}),
    "passage": frozenset({"content"}),
    "work": frozenset({"query"}),
}
"""What a place can know of the moment."""
NEEDS: Mapping[Place, Signal] = {
    "search": "query", "detail": "item", "map": "location", "route": "route", "paid": "order",
    "video": "content", "passage": "content",
}  # fmt: skip
"""What a place is about: without it nothing fits there."""
SHOWN_ONLY: frozenset[Place] = frozenset({"video", "pause", "passage"})
"""Places where people watch or read and do not go anywhere: an arrival is not owed to them."""
NEARBY: frozenset[Place] = frozenset({"search", "feed", "map", "route", "wallet", "paid"})


def fault_of(touchpoint: Touchpoint, *, feed_permille_max: int) -> Fault | None:
    """The first thing that contradicts another; None when it can be used."""
    for check in _CHECKS:
        if (fault := check(touchpoint)) is not None:
            return fault
    over = touchpoint.ad_permille_max > feed_permille_max
    if touchpoint.place == "feed" and over:
        mend = (
            f"at most {feed_permille_max} of 1000 modules of a feed are ads; an operator who wants"
            " another limit writes feed_ads_permille_max for the whole ecosystem"
        )
        return "ad_permille_max", mend
    return None


def cap_fault(caps: Sequence[Cap]) -> str | None:
    seen = [(one.on, one.hours) for one in caps]
    return None if len(set(seen)) == len(seen) else "one cap for each on and hours is enough"


def _kinds(one: Touchpoint) -> Fault | None:
    if len(set(one.kinds)) < len(one.kinds):
        return "kinds", "name each kind once"
    if "ad" in one.kinds and not one.ad_permille_max:
        return "ad_permille_max", "say how many of 1000 modules may be ads, or leave out kind ad"
    if "ad" not in one.kinds and one.ad_permille_max:
        return "ad_permille_max", "leave it out, or add ad to kinds: nothing here is for sale"
    return None


def _label(one: Touchpoint) -> Fault | None:
    if LABEL not in one.ad_label:
        return "ad_label", f"write {LABEL} in it (《广告法》第十四条); more may stand beside it"
    return None


def _signals(one: Touchpoint) -> Fault | None:
    if len(set(one.signals)) < len(one.signals):
        return "signals", "name each signal once"
    known = SIGNALS[one.place] | ANYWHERE
    for signal in one.signals:
        if signal not in known:
            return "signals", f"a {one.place} has no {signal}; it has {', '.join(sorted(known))}"
    needed = NEEDS.get(one.place)
    if needed is not None and needed not in one.signals:
        return "signals", f"add {needed}: a {one.place} is about it"
    return None


def _billing(one: Touchpoint) -> Fault | None:
    if one.billing == "arrival" and one.place in SHOWN_ONLY:
        return "billing", f"choose impression or click: nobody arrives from a {one.place}"
    return None


def _members(one: Touchpoint) -> Fault | None:
    if one.members_see_no_ads and not (one.membership or "").strip():
        return "membership", "say which condition makes a paying member, such as member:gold"
    return None


def _distances(one: Touchpoint) -> Fault | None:
    located = "location" in one.signals
    if one.place == "map" and one.radius_m is None:
        return "radius_m", "say how far away a store may be, in metres"
    if one.radius_m is not None and not (located and one.place in NEARBY):
        return "radius_m", "leave it out: this place does not look for stores nearby"
    if (one.detour_m is not None) != (one.place == "route"):
        return "detour_m", "a route says how many metres longer the way may become, others do not"
    return None


def _caps(one: Touchpoint) -> Fault | None:
    if one.caps and "ad" not in one.kinds:
        return "caps", "leave them out: there are no ads here"
    fault = cap_fault(one.caps)
    return None if fault is None else ("caps", fault)


def _scenes(one: Touchpoint) -> Fault | None:
    for place, scene in enumerate(one.scenes):
        if (fault := _scene(scene)) is not None:
            return f"scenes[{place}].{fault[0]}", fault[1]
    return None


def _scene(scene: Scene) -> Fault | None:
    first, last = scene.hours
    if first == 24 or last == 0 or first == last:
        return "hours", "write from 0–23 and to 1–24: [9, 18], [22, 2] over midnight, [0, 24] all"
    if len(set(scene.weekdays)) < len(scene.weekdays):
        return "weekdays", "name each day once; 0 is Monday"
    if len(set(scene.words)) < len(scene.words):
        return "words", "name each word once"
    if any(not word.strip() or not word.isprintable() for word in scene.words):
        return "words", "leave out words that cannot be read"
    return None


_CHECKS: tuple[Callable[[Touchpoint], Fault | None], ...] = (
    _kinds, _label, _signals, _billing, _members, _distances, _caps, _scenes,
)  # fmt: skip


def scene_words(touchpoint: Touchpoint, *, hour: int, weekday: int) -> tuple[str, ...]:
    """Words of every scene that holds then, in the order of the file, each once.

    ``hour`` 0 to 23 and ``weekday`` (0 is Monday) are those of the moment itself in China: after
    midnight the next day has begun.
    """
    found = (
        word
        for scene in touchpoint.scenes
        if _holds(scene, hour) and (not scene.weekdays or weekday in scene.weekdays)
        for word in scene.words
    )
    return tuple(dict.fromkeys(found))


def _holds(scene: Scene, hour: int) -> bool:
    first, last = scene.hours
    return first <= hour < last if first < last else hour >= first or hour < last
