"""Every free text of a JSON schema, by its path: ``lines[].item``, ``attributes{}`` for the values
of a mapping and ``attributes{name}`` for its keys."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

SENTENCE = "全网最低价，国家级品质"
WORDS = "国家级品质"
"""For fields that take words and no stops."""
Schema = Mapping[str, Any]


def free_texts(schema: Schema, definitions: Schema, *, depth: int = 8) -> set[str]:
    """Places where a sentence could stand: strings without a list of choices, a date form, or a
    pattern that keeps sentences out."""
    return {path.removeprefix(".") for path in _walk(schema, definitions, path="", depth=depth)}


def _walk(schema: Any, definitions: Schema, *, path: str, depth: int) -> Iterator[str]:
    if not isinstance(schema, Mapping) or depth == 0:
        return
    if "$ref" in schema:
        target = definitions[schema["$ref"].rpartition("/")[2]]
        yield from _walk(target, definitions, path=path, depth=depth - 1)
    for many in ("anyOf", "oneOf", "allOf"):
        for one in schema.get(many, ()):
            yield from _walk(one, definitions, path=path, depth=depth)
    types = schema.get("type", ())
    if "string" in ([types] if isinstance(types, str) else types) and holds_a_sentence(schema):
        yield path
    for name, one in schema.get("properties", {}).items():
        yield from _walk(one, definitions, path=f"{path}.{name}", depth=depth)
    for items in [schema.get("items"), *schema.get("prefixItems", ())]:
        yield from _walk(items, definitions, path=f"{path}[]", depth=depth)
    if isinstance(values := schema.get("additionalProperties"), Mapping):
        yield from _walk(values, definitions, path=f"{path}{{}}", depth=depth)
        if holds_a_sentence(schema.get("propertyNames", {})):
            yield f"{path}{{name}}"


def holds_a_sentence(schema: Schema) -> bool:
    if "enum" in schema or "const" in schema or "format" in schema or "contentEncoding" in schema:
        return False
    return "pattern" not in schema or re.search(schema["pattern"], WORDS) is not None
