"""JSON → tree, strictly: every refusal names the path of the bad node and the mend."""

import json
import re
from collections.abc import Mapping
from typing import Any, NoReturn

from quanyu.clock import parse_duration
from quanyu.customers.audiences.tree import (
    ALWAYS,
    MEASURES,
    All,
    AnyOf,
    EventCondition,
    InAudience,
    Node,
    Not,
    Scalar,
    SequenceCondition,
    Step,
    TagCondition,
    Value,
    Window,
)
from quanyu.customers.audiences.vocabulary import NUMBER_OPS, Vocabulary, nearest
from quanyu.customers.profile.fields import CALENDAR
from quanyu.errors import BadInput
from quanyu.events.event import FIELDS

DEPTH_MAX = 12
NODES_MAX = 200
BYTES_MAX = 256 * 1024
VALUES_MAX = 1000
TEXT_MAX = 256
STEPS_MAX = 8
WHOLE_MAX = 10**15
"""Sums stay exact in 64 bits on every engine."""

NAME = re.compile(r"\w[\w .:\-]{0,63}")
PROP = re.compile(r"[^\W\d]\w{0,63}")
CONNECTIVES = ("all", "any", "not", "tag", "event", "sequence", "audience")
EVENT_KEYS = ("event", "where", "measure", "field", "op", "value", "within", "from", "to")


def parse_definition(text: bytes | str) -> Any:
    """JSON text → value; refuses what JSON parsers like to wave through. Raises BadInput."""
    if len(text) > BYTES_MAX:
        raise BadInput("definition", f"larger than {BYTES_MAX // 1024} KiB")
    try:
        return json.loads(text, object_pairs_hook=_unique, parse_constant=_not_a_number)
    except RecursionError:
        raise BadInput("definition", f"nested deeper than {DEPTH_MAX}") from None
    except ValueError as error:
        raise BadInput("definition", f"not JSON: {error}") from None


def decode_definition(text: bytes | str, vocabulary: Vocabulary) -> Node:
    """Raises BadInput with the path of the bad node, such as ``all[1].event``."""
    return decode(parse_definition(text), vocabulary)


def decode(document: Any, vocabulary: Vocabulary) -> Node:
    """A parsed JSON value → tree. Raises BadInput as ``decode_definition``."""
    return _Decoder(vocabulary).node(document, "")


def check_name(name: str) -> str:
    """Name of an audience: letters of any script, digits, space and ``_ . : -``, at most 64."""
    if not isinstance(name, str) or not NAME.fullmatch(name) or name != name.strip():
        raise BadInput("name", "use 1 to 64 letters, digits, spaces and _ . : -")
    return name


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    form = dict(pairs)
    if len(form) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} stands twice in one object")
    return form


def _not_a_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a JSON number")


def _refuse(path: str, mend: str) -> NoReturn:
    raise BadInput(path or "definition", mend)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


class _Decoder:
    """One pass over one definition; counts nodes as it goes."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self._words = vocabulary
        self._nodes = 0

    def node(self, form: Any, path: str, *, depth: int = 1) -> Node:
        self._nodes += 1
        if depth > DEPTH_MAX:
            _refuse(path, f"nested deeper than {DEPTH_MAX}")
        if self._nodes > NODES_MAX:
            _refuse(path, f"more than {NODES_MAX} nodes")
        if not isinstance(form, dict):
            _refuse(path, 'must be an object such as {"all": […]}')
        kinds = [key for key in CONNECTIVES if key in form]
        if len(kinds) != 1:
            _refuse(path, f"needs exactly one of {', '.join(CONNECTIVES)}")
        return self._of_kind(kinds[0], form, place=(path, depth))

    def _of_kind(self, kind: str, form: dict[str, Any], *, place: tuple[str, int]) -> Node:
        path, depth = place
        if kind in ("all", "any"):
            _known_keys(form, (kind,), path=path)
            parts = self._parts(form[kind], _join(path, kind), depth=depth)
            return All(parts) if kind == "all" else AnyOf(parts)
        if kind == "not":
            _known_keys(form, ("not",), path=path)
            return Not(self.node(form["not"], _join(path, "not"), depth=depth + 1))
        if kind == "audience":
            _known_keys(form, ("audience",), path=path)
            return self._reference(form["audience"], _join(path, "audience"))
        if kind == "tag":
            return self._tag(form, path)
        return self._event(form, path) if kind == "event" else self._sequence(form, path)

    def _parts(self, parts: Any, path: str, *, depth: int) -> tuple[Node, ...]:
        if not isinstance(parts, list):
            _refuse(path, "must be a list of conditions")
        return tuple(
            self.node(part, f"{path}[{number}]", depth=depth + 1)
            for number, part in enumerate(parts)
        )

    def _reference(self, name: Any, path: str) -> InAudience:
        try:
            return InAudience(check_name(name))
        except BadInput as error:
            _refuse(path, error.mend)

    def _tag(self, form: dict[str, Any], path: str) -> TagCondition:
        _known_keys(form, ("tag", "op", "value"), path=path)
        key = form["tag"]
        if not isinstance(key, str) or key not in self._words.tags:
            _refuse(_join(path, "tag"), f"unknown tag {key!r}{nearest(key, self._words.tags)}")
        kind = self._words.tags[key]
        ops = self._words.ops_of_tag(key)
        op = _one_of(
            form.get("op", "exists"), ops, path=_join(path, "op"), where=f" on a {kind} tag"
        )
        if op == "exists":
            return TagCondition(key, "exists", _flag(form.get("value", True), _join(path, "value")))
        value = _value_for(op, form, scalar=lambda v, p: _tag_scalar(kind, v, path=p), path=path)
        return TagCondition(key, op, value)  # type: ignore[arg-type]

    def _event(self, form: dict[str, Any], path: str) -> EventCondition:
        _known_keys(form, EVENT_KEYS, path=path)
        measure = _one_of(form.get("measure", "count"), MEASURES, path=_join(path, "measure"))
        op = _one_of(form.get("op", "ge"), NUMBER_OPS, path=_join(path, "op"), where=" on an event")
        value = _value_for(op, {"value": 1} | form, scalar=_whole, path=path)
        return EventCondition(
            step=self._step(form, path),
            measure=measure,  # type: ignore[arg-type]
            field=_field(form, measure, path=path),
            op=op,  # type: ignore[arg-type]
            value=value,
            window=_window_of(form, path),
        )

    def _step(self, form: dict[str, Any], path: str) -> Step:
        kind = form["event"]
        if not isinstance(kind, str) or kind not in self._words.kinds:
            _refuse(
                _join(path, "event"), f"unknown kind {kind!r}{nearest(kind, self._words.kinds)}"
            )
        where = form.get("where", {})
        place = _join(path, "where")
        if not isinstance(where, dict):
            _refuse(place, "must be an object of field: value")
        return Step(kind, tuple(_filter(name, v, path=place) for name, v in where.items()))

    def _sequence(self, form: dict[str, Any], path: str) -> SequenceCondition:
        _known_keys(form, ("sequence", "within"), path=path)
        steps, place = form["sequence"], _join(path, "sequence")
        if not isinstance(steps, list) or not 2 <= len(steps) <= STEPS_MAX:
            _refuse(place, f"must be a list of 2 to {STEPS_MAX} events")
        self._nodes += len(steps)
        made = tuple(self._plain_step(s, f"{place}[{n}]") for n, s in enumerate(steps))
        within = form.get("within")
        return SequenceCondition(made, _duration(within, _join(path, "within")))

    def _plain_step(self, form: Any, path: str) -> Step:
        if not isinstance(form, dict) or "event" not in form:
            _refuse(path, 'must be {"event": kind, "where": {…}}')
        _known_keys(form, ("event", "where"), path=path)
        return self._step(form, path)


def _known_keys(form: Mapping[str, Any], known: tuple[str, ...], *, path: str) -> None:
    for key in form:
        if key not in known:
            _refuse(_join(path, key), f"unknown key{nearest(key, known)}")


def _one_of(value: Any, known: Any, *, path: str, where: str = "") -> str:
    if not isinstance(value, str) or value not in known:
        _refuse(path, f"{value!r} is not possible{where}; use one of {', '.join(sorted(known))}")
    return value


def _flag(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        _refuse(path, "must be true or false")
    return value


def _whole(value: Any, path: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > WHOLE_MAX:
        _refuse(path, f"must be a whole number up to {WHOLE_MAX}")
    return value


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str) or len(value) > TEXT_MAX:
        _refuse(path, f"must be text of at most {TEXT_MAX} characters")
    if "\0" in value or any("\ud800" <= letter <= "\udfff" for letter in value):
        _refuse(path, "holds a character that no text can hold")
    return value


def _tag_scalar(kind: str, value: Any, *, path: str) -> Scalar:
    return _whole(value, path) if kind == "number" else _text(value, path)


def _value_for(op: str, form: Mapping[str, Any], *, scalar: Any, path: str) -> Value:
    """The value that ``op`` asks for: one, a list, or a pair in order."""
    place = _join(path, "value")
    if "value" not in form:
        _refuse(place, "is missing")
    value = form["value"]
    if op not in ("in", "not_in", "between"):
        return scalar(value, place)  # type: ignore[no-any-return]
    if not isinstance(value, list) or not 1 <= len(value) <= VALUES_MAX:
        _refuse(place, f"must be a list of 1 to {VALUES_MAX} values")
    values = tuple(scalar(v, f"{place}[{n}]") for n, v in enumerate(value))
    if op == "between" and (len(values) != 2 or values[0] > values[1]):
        _refuse(place, "must be two values, the smaller first")
    return values


def _field(form: Mapping[str, Any], measure: str, *, path: str) -> str | None:
    field, place = form.get("field"), _join(path, "field")
    if measure != "sum":
        if field is not None:
            _refuse(place, "belongs to the measure sum only")
        return None
    if not isinstance(field, str) or (field in FIELDS and field != "amount"):
        _refuse(place, "must be amount or the name of a prop that holds whole numbers")
    return _field_name(field, place)


def _field_name(name: str, path: str) -> str:
    if name in CALENDAR:
        _refuse(path, "the calendar belongs to tags; declare a tag and ask for it")
    if name == "kind" or (name not in FIELDS and not PROP.fullmatch(name)):
        _refuse(path, "is not a field; use a field of events or the name of a prop")
    return name


def _filter(name: str, value: Any, *, path: str) -> tuple[str, Value]:
    place = _join(path, name)
    _field_name(name, place)
    if not isinstance(value, list):
        return name, _filter_scalar(name, value, path=place)
    if not 1 <= len(value) <= VALUES_MAX:
        _refuse(place, f"must be a list of 1 to {VALUES_MAX} values")
    return name, tuple(_filter_scalar(name, v, path=f"{place}[{n}]") for n, v in enumerate(value))


def _filter_scalar(name: str, value: Any, *, path: str) -> Scalar:
    if name == "amount":
        return _whole(value, path)
    if name in FIELDS or not isinstance(value, bool | int):
        return _text(value, path)
    return value if isinstance(value, bool) else _whole(value, path)


def _duration(text: Any, path: str) -> str:
    try:
        parse_duration(text)
    except (ValueError, TypeError) as error:
        _refuse(path, str(error) if isinstance(text, str) else "must be a duration such as 7d")
    return str(text)


def _window_of(form: dict[str, Any], path: str) -> Window:
    """``within``, or ``from`` and ``to`` beside the other keys; without either, all time."""
    ends = {key: form[key] for key in ("from", "to") if key in form}
    if not ends:
        return _window(form["within"], _join(path, "within")) if "within" in form else ALWAYS
    if "within" in form:
        _refuse(_join(path, "within"), "give within, or from and to, not both")
    return _window(ends, path)


def _window(form: Any, path: str) -> Window:
    if not isinstance(form, dict):
        return Window(text=_duration(form, path))
    _known_keys(form, ("from", "to"), path=path)
    if not form:
        _refuse(path, "needs from, to or both")
    window = Window(start=_side(form, "from", path=path), end=_side(form, "to", path=path))
    first, last = window.offsets()
    if first and last and (first.ago_us is None) == (last.ago_us is None):
        backwards = last.at(0) <= first.at(0)
        if backwards:
            _refuse(path, "from must lie before to")
    return window


def _side(form: Mapping[str, Any], side: str, *, path: str) -> str | None:
    text, place = form.get(side), _join(path, side)
    if side not in form:
        return None
    if not isinstance(text, str):
        _refuse(place, "must be an ISO time with offset, or a duration ago such as 30d")
    try:
        Window(start=text).offsets()
    except ValueError as error:
        _refuse(place, f"{error}: use an ISO time with offset, or a duration ago such as 30d")
    return text
