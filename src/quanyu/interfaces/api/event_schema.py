"""The forms of POST /v1/events for the OpenAPI document; the route itself decodes without them."""

from typing import Any

EVENT = {
    "type": "object",
    "required": ["event_id", "kind", "at", "touchpoint", "identifiers"],
    "additionalProperties": False,
    "properties": {
        "event_id": {"type": "string", "minLength": 1, "maxLength": 128},
        "kind": {"type": "string", "description": "One of the kinds of docs/events.md."},
        "at": {"type": "string", "format": "date-time"},
        "touchpoint": {"type": "string", "minLength": 1, "maxLength": 64},
        "identifiers": {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 8,
            "additionalProperties": {"type": "string", "minLength": 1, "maxLength": 256},
        },
        "merchant": {"type": "string"},
        "received_at": {"type": "string", "format": "date-time"},
        **{
            name: {"type": "string", "minLength": 1, "maxLength": 128}
            for name in ("item", "store", "content", "offer", "campaign", "decision", "order")
        },
        "amount": {"type": "integer", "minimum": 0, "description": "Fen."},
        "query": {"type": "string", "maxLength": 1024},
        "location": {
            "type": "object",
            "required": ["lat", "lng"],
            "additionalProperties": False,
            "properties": {
                "lat": {"type": "number", "minimum": -90, "maximum": 90},
                "lng": {"type": "number", "minimum": -180, "maximum": 180},
            },
        },
        "props": {
            "type": "object",
            "maxProperties": 64,
            "additionalProperties": {"type": ["string", "integer", "number", "boolean"]},
        },
    },
}
REFUSAL = {
    "type": "object",
    "properties": {
        "index": {"type": "integer"},
        **{name: {"type": ["string", "null"]} for name in ("event_id", "field")},
        **{name: {"type": "string"} for name in ("reason", "mend")},
    },
}
RECEIPT = {
    "type": "object",
    "properties": {
        **{n: {"type": "integer"} for n in ("received", "accepted", "duplicate", "rejected")},
        "refusals": {"type": "array", "items": REFUSAL},
    },
}
TAKEN: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Durable. accepted + duplicate + rejected = received.",
        "content": {"application/json": {"schema": RECEIPT}},
    },
    **{
        status: {"description": meaning}
        for status, meaning in {
            400: "No event could be told from the next; nothing was stored.",
            401: "No key, or one that does not open this door.",
            403: "The key lacks the scope.",
            413: "More bytes than one request may have.",
            415: "Neither JSON nor NDJSON, or packed otherwise than by gzip.",
            429: "Too much is waiting; send it again after Retry-After.",
            503: "The database is away; send it again under the same ids.",
            507: "The disk is full; nothing was stored.",
        }.items()
    },
}
SENT = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"type": "array", "items": EVENT}},
            "application/x-ndjson": {"schema": {"type": "string"}},
        },
    },
    "security": [{"HTTPBearer": []}],
}
