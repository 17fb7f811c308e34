"""Reads tags from TOML, and says file, tag, field and mend when one cannot be used."""

import re
import tomllib
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec

from quanyu.customers.privacy.purposes import purposes
from quanyu.customers.profile.catalogue import Catalogue, rule_order
from quanyu.customers.profile.definitions import Tag
from quanyu.customers.profile.reading import PLACEHOLDERS
from quanyu.errors import BadInput
from quanyu.events.facts import FACT_TYPES

Portrait = tuple[tuple[str, ...], ...]
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, slots=True)
class TagFile:
    name: str
    tags: tuple[Tag, ...]
    portrait: Portrait | None


def tag_definitions(folder: Path | None = None) -> Catalogue:
    """Shipped tags and those of ``folder`` (DATA_DIR/tags), which win by key. Raises BadInput."""
    files = list(_shipped())
    if folder is not None and folder.is_dir():
        files += [parse(path.name, path.read_bytes()) for path in sorted(folder.glob("*.toml"))]
    tags: dict[str, Tag] = {}
    portrait: Portrait = ()
    for file in files:
        tags |= {tag.key: tag for tag in file.tags}
        portrait = portrait if file.portrait is None else file.portrait
    _check_together(tags, portrait)
    return Catalogue(tags.values(), portrait)


@cache
def _shipped() -> tuple[TagFile, ...]:
    folder = resources.files("quanyu.customers.profile") / "tags"
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return tuple(parse(name, (folder / name).read_bytes()) for name in names)


def parse(name: str, raw: bytes) -> TagFile:
    """One file of ``[[tag]]`` tables and perhaps a ``portrait``. Raises BadInput."""
    try:
        document = tomllib.loads(raw.decode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(name, f"write valid TOML in UTF-8: {error}") from error
    if unknown := document.keys() - {"tag", "portrait"}:
        raise BadInput(f"{name}: {min(unknown)}", "a tag file holds [[tag]] tables and portrait")
    listed = document.get("tag", [])
    if not isinstance(listed, list):
        raise BadInput(f"{name}: tag", "write each tag as [[tag]]")
    tags = tuple(_tag(name, raw_tag) for raw_tag in listed)
    _check_unique(name, [tag.key for tag in tags])
    return TagFile(name, tags, _portrait(name, document.get("portrait")))


def _tag(name: str, raw: Any) -> Tag:
    place = f"{name}: tag {raw.get('key', '?')!r}" if isinstance(raw, dict) else f"{name}: tag"
    try:
        tag = msgspec.convert(raw, Tag)
    except msgspec.ValidationError as error:
        raise _schema_fault(place, str(error)) from error
    for field, mend in _faults(tag):
        raise BadInput(f"{place}: {field}", mend)
    return tag


def _schema_fault(place: str, message: str) -> BadInput:
    plain, _, path = message.partition(" - at `$.")
    if missing := re.search(r"missing required field `(\w+)`", plain):
        why = " (PIPL 6: say what it is for)" if missing[1] == "purpose" else ""
        return BadInput(f"{place}: {missing[1]}", f"add it{why}")
    return BadInput(f"{place}: {path.rstrip('`')}" if path else place, plain)


def _faults(tag: Tag) -> Iterable[tuple[str, str]]:
    """(field, mend) of everything that the types alone cannot say."""
    if tag.purpose not in purposes():
        yield "purpose", f"{tag.purpose!r} is not one of {', '.join(sorted(purposes()))}"
    if tag.sensitive and not purposes()[tag.purpose].sensitive:
        yield "purpose", "a sensitive tag needs a purpose for sensitive data"
    for found in _PLACEHOLDER.findall(tag.text):
        if found not in PLACEHOLDERS:
            yield "text", f"{{{found}}} is not one of {', '.join(sorted(PLACEHOLDERS))}"
    if tag.measure is not None:
        yield from _measure_faults(tag)


def _measure_faults(tag: Tag) -> Iterable[tuple[str, str]]:
    assert tag.measure is not None
    for kind in tag.measure.events:
        if kind not in FACT_TYPES:
            yield "measure.events", f"{kind!r} is not a kind of event"
    if tag.reading in ("date", "days_ago") and tag.measure.field != "day":
        yield "measure.field", f"reading {tag.reading!r} needs field 'day'"
    if "{monthly}" in tag.text and (tag.type != "texts" or not tag.measure.window_days):
        yield "text", "{monthly} needs a top_n with window_days"
    if "{yuan}" in tag.text and tag.type != "number":
        yield "text", "{yuan} needs a number"


def _check_unique(name: str, keys: Collection[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise BadInput(f"{name}: tag {key!r}", "two tags of one file have this key")
        seen.add(key)


def _portrait(name: str, raw: Any) -> Portrait | None:
    if raw is None:
        return None
    try:
        return msgspec.convert(raw, Portrait)
    except msgspec.ValidationError as error:
        raise BadInput(f"{name}: portrait", f"write lists of tag keys: {error}") from error


def _check_together(tags: dict[str, Tag], portrait: Portrait) -> None:
    try:
        rule_order(tags)
    except ValueError as error:
        raise BadInput("tags", str(error)) from error
    for key in (key for group in portrait for key in group):
        if key not in tags:
            raise BadInput("portrait", f"{key!r} is not a tag")
