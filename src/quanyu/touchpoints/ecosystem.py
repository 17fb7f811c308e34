"""An ecosystem as data: its apps, touchpoints and limits, read from TOML, by name or by path.

What a single touchpoint must fulfil stands in ``fitness.py``.
"""

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta

from quanyu.compliance.placements import CLOSED, Device
from quanyu.compliance.policy import DEFAULT, Permille, Policy
from quanyu.errors import BadInput
from quanyu.strict import converted
from quanyu.touchpoints.fitness import cap_fault, fault_of
from quanyu.touchpoints.touchpoint import Cap, Touchpoint

T = TypeVar("T")
APP = re.compile(r"[a-z0-9_]{1,32}")
BYTES_MAX = 1 << 20
NEAREST = 5
NOTHING_AFTER_PAY = (
    "a place after paying knows its slots and nothing else: no pop-up and no step may stand in the"
    " way of who has paid (《广告法》第四十四条, 生态规则：支付流程)"
)


class Ecosystem(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, dict=True):
    id: Annotated[str, Meta(pattern=r"^[a-z0-9_-]{1,32}\Z")]
    label: Annotated[str, Meta(min_length=1, max_length=64)]
    apps: Annotated[Mapping[str, Annotated[str, Meta(min_length=1, max_length=64)]],
                    Meta(min_length=1)]  # fmt: skip
    """First part of a touchpoint's id → label."""
    touchpoints: Annotated[tuple[Touchpoint, ...], Meta(min_length=1, max_length=500)]
    """In TOML each is a ``[[touchpoint]]``."""
    caps: Annotated[tuple[Cap, ...], Meta(max_length=32)] = ()
    """Over all touchpoints together."""
    consent_devices: tuple[Device, ...] = tuple(sorted(CLOSED))
    """Ads go there only to who has agreed; the law's own cannot be left out."""
    feed_ads_permille_max: Permille | None = None
    """Another limit than the policy's for the ad load of feeds, which an operator says openly."""

    @cached_property
    def by_id(self) -> Mapping[str, Touchpoint]:
        return {one.id: one for one in self.touchpoints}

    @cached_property
    def cap_hours(self) -> int:
        """The longest window of a cap, here or at a touchpoint; 0 where nothing is capped."""
        caps = [*self.caps, *(cap for one in self.touchpoints for cap in one.caps)]
        return max((cap.hours for cap in caps), default=0)

    def touchpoint(self, id: str) -> Touchpoint:
        """Raises BadInput that lists the nearest ids."""
        found = self.by_id.get(id)
        if found is None:
            raise BadInput("touchpoint", f"there is no {id[:64]!r}; {self._nearest(id)}")
        return found

    def within(self, name: str) -> tuple[Touchpoint, ...]:
        """The touchpoint of that id, or all of that app. Raises BadInput."""
        if name in self.apps:
            return tuple(one for one in self.touchpoints if one.id.partition(".")[0] == name)
        return (self.touchpoint(name),)

    def _nearest(self, id: str) -> str:
        close = get_close_matches(id, self.by_id, NEAREST, 0.35) or sorted(self.by_id)[:NEAREST]
        return f"{self.label} has {', '.join(close)} …"


def shipped() -> tuple[str, ...]:
    """Names of the definitions that come with the product."""
    return tuple(sorted(one.name.removesuffix(".toml") for one in _folder().iterdir()
                        if one.name.endswith(".toml")))  # fmt: skip


def _folder() -> Any:
    return resources.files("quanyu.touchpoints") / "ecosystems"


def ecosystem(name_or_path: str, *, policy: Policy = DEFAULT) -> Ecosystem:
    """A shipped one by name, or that of a file. Raises BadInput."""
    if name_or_path in shipped():
        file = _folder() / f"{name_or_path}.toml"
        return read_ecosystem(file.read_bytes(), file.name, policy=policy)
    try:
        raw = Path(name_or_path).expanduser().read_bytes()
    except (OSError, ValueError):
        mend = f"is neither a readable file nor one of {', '.join(shipped())}"
        raise BadInput("ecosystem", f"{name_or_path[:200]!r} {mend}") from None
    return read_ecosystem(raw, Path(name_or_path).name, policy=policy)


def read_ecosystem(text: bytes | str, name: str, *, policy: Policy = DEFAULT) -> Ecosystem:
    """TOML → the ecosystem. Raises BadInput with file, touchpoint, field and mend."""
    document = _document(text, name)
    listed = document.pop("touchpoint", None)
    if "touchpoints" in document or not isinstance(listed, list):
        raise BadInput(f"{name}: touchpoint", "write each touchpoint as [[touchpoint]]")
    for raw in listed:
        _look_at(raw, name)
    made = _formed({**document, "touchpoints": listed}, Ecosystem, place=name)
    _check_whole(made, name)
    for one in made.touchpoints:
        if (fault := fault_of(one, feed_permille_max=_feed_limit(made, policy))) is not None:
            raise BadInput(f"{name}: touchpoint {one.id!r}: {fault[0]}", fault[1])
    return made


def _document(text: bytes | str, name: str) -> dict[str, Any]:
    if len(text) > BYTES_MAX:
        raise BadInput(name, f"give a file of at most {BYTES_MAX} bytes")
    try:
        return tomllib.loads(text if isinstance(text, str) else text.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadInput(name, f"write valid TOML in UTF-8: {error}") from None


def _look_at(raw: Any, name: str) -> None:
    """One by one, so that what is said names the touchpoint and not its number."""
    if not isinstance(raw, dict):
        raise BadInput(f"{name}: touchpoint", "write each touchpoint as [[touchpoint]]")
    place = f"{name}: touchpoint {str(raw.get('id', '?'))[:64]!r}"
    unknown = raw.keys() - set(Touchpoint.__struct_fields__)
    if unknown and raw.get("place") == "paid":
        raise BadInput(f"{place}: {min(unknown)}"[:200], NOTHING_AFTER_PAY)
    _formed(raw, Touchpoint, place=place)


def _formed(tree: Any, form: type[T], *, place: str) -> T:
    try:
        return converted(tree, form, name="")
    except BadInput as error:
        raise BadInput(f"{place}: {error.field.lstrip('.')}", error.mend) from None


def _feed_limit(made: Ecosystem, policy: Policy) -> int:
    given = made.feed_ads_permille_max
    return policy.home_ads_permille_max if given is None else given


def _check_whole(made: Ecosystem, name: str) -> None:
    for app in made.apps:
        if APP.fullmatch(app) is None:
            raise BadInput(f"{name}: apps.{app[:40]}", "use 1 to 32 of a-z 0-9 _")
    if twice := first_twice(one.id for one in made.touchpoints):
        raise BadInput(f"{name}: touchpoint {twice!r}: id", "it stands twice; give each its own")
    for one in made.touchpoints:
        if one.id.partition(".")[0] not in made.apps:
            mend = f"begin it with an app of [apps]: {', '.join(made.apps)}"
            raise BadInput(f"{name}: touchpoint {one.id!r}: id", mend)
    if (fault := cap_fault(made.caps)) is not None:
        raise BadInput(f"{name}: caps", fault)
    if missing := sorted(CLOSED - set(made.consent_devices)):
        mend = f"name {', '.join(missing)} too (《互联网广告管理办法》第十七条)"
        raise BadInput(f"{name}: consent_devices", mend)


def first_twice(names: Iterable[str]) -> str | None:
    """The first that stands there a second time."""
    listed: Sequence[str] = tuple(names)
    return next((one for place, one in enumerate(listed) if one in listed[:place]), None)
