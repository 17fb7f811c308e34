"""JSON → Structs, strictly: what parsers like to wave through is refused with its place."""

import json
import re
from typing import Any, NoReturn, TypeVar

import msgspec

from quanyu.errors import BadInput

T = TypeVar("T")
BYTES_MAX = 8 << 20
_PLACE = re.compile(r"^(?P<what>.*?)(?: - at (?:`key` in )?`\$?(?P<path>.*)`)?$", re.DOTALL)
_FIELD = re.compile(r"field `(?P<name>[^`]+)`")


def decoded(text: bytes | str, form: type[T], *, name: str, bytes_max: int = BYTES_MAX) -> T:
    """``name`` stands for the whole document in the answer. Raises BadInput."""
    if len(text) > bytes_max:
        raise BadInput(name, f"send at most {bytes_max} bytes")
    try:
        tree = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    except RecursionError:
        raise BadInput(name, "nest less deeply") from None
    except ValueError as error:
        raise BadInput(name, f"send valid JSON: {error}") from None
    if _has_zero(text, tree):
        raise BadInput(name, "leave out U+0000: no database keeps it in a text")
    return converted(tree, form, name=name)


def converted(tree: Any, form: type[T], *, name: str) -> T:
    """A tree of JSON → the form. Raises BadInput with the path of the field."""
    try:
        return msgspec.convert(tree, form)
    except msgspec.ValidationError as error:
        found = _PLACE.match(str(error))
        assert found is not None, "every text matches"
        field = _FIELD.search(found["what"])
        path = (found["path"] or "") + (f".{field['name']}" if field else "")
        raise BadInput((name + _joined(path))[:200], _plain(found["what"])) from None


def _has_zero(text: bytes | str, tree: Any) -> bool:
    """U+0000 comes escaped only, and hardly ever: mostly the tree is not looked through."""
    if not (b"\\u0000" in text if isinstance(text, bytes) else "\\u0000" in text):
        return False
    left = [tree]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left += [*one, *one.values()]
        elif isinstance(one, list):
            left += one
        elif isinstance(one, str) and "\0" in one:
            return True
    return False


def _joined(path: str) -> str:
    return path if path[:1] in (".", "[", "") else f".{path}"


def _plain(what: str) -> str:
    text = what.replace("`", "")
    return (text[:1].lower() + text[1:])[:200]


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {twice[:80]!r} stands twice in one object")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not a number of JSON")
