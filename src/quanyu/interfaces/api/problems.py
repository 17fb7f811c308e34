"""How the API says no: one JSON form for every failure, and the only table of status codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from quanyu.compliance.showing import Unlawful
from quanyu.content.generation.ports import WriterUnavailable
from quanyu.errors import (
    BadInput,
    NotFound,
    Overloaded,
    QuanyuError,
    StorageFull,
    StorageUnavailable,
)

RETRY = {"Retry-After": "1"}


@dataclass(eq=False)
class Problem(Exception):
    """A refusal of the API: raise it, or answer with its ``response``. ``code`` is for programs."""

    status: int
    code: str
    message: str
    field: str | None = None
    mend: str | None = None
    headers: Mapping[str, str] | None = None
    verdict: Mapping[str, Any] | None = None
    """Of the gate: every hit with its article, why and mend."""

    @property
    def response(self) -> Response:
        """``{"error": {"code", "message", "field"?, "mend"?, "verdict"?}}``"""
        parts = {name: getattr(self, name) for name in ("code", "message", "field", "mend")}
        error: dict[str, Any] = {
            name: str(part) for name, part in parts.items() if part is not None
        }
        if self.verdict is not None:
            error["verdict"] = self.verdict
        body = msgspec.json.encode({"error": error})
        headers = dict(self.headers or {})
        return Response(body, self.status, headers=headers, media_type="application/json")


def of_failure(error: Exception) -> Response:
    """The answer to an exception."""
    return problem_of(error).response


def problem_of(error: Exception) -> Problem:
    """What is unknown stays inside."""
    match error:
        case Problem():
            return error
        case Unlawful():
            told = error.verdict.as_json()
            return Problem(422, "unlawful", str(error), error.field, error.mend, verdict=told)
        case BadInput():
            return Problem(400, "bad_input", str(error), error.field, error.mend)
        case NotFound():
            return Problem(404, "not_found", str(error))
        case Overloaded():
            mend = "send it again after the pause that Retry-After names"
            return Problem(429, "overloaded", str(error), mend=mend, headers=RETRY)
        case StorageFull():
            return Problem(507, "storage_full", str(error), mend="free disk space, send it again")
        case WriterUnavailable():
            mend = "try again later, or use the provider template"
            return Problem(503, "writer_unavailable", str(error), mend=mend, headers=RETRY)
        case StorageUnavailable():
            mend = "send it again under the same ids"
            return Problem(503, "storage_unavailable", str(error), mend=mend, headers=RETRY)
        case HTTPException():
            status, headers = error.status_code, error.headers
            return Problem(status, "http_error", str(error.detail), headers=headers)
        case RequestValidationError():
            return of_validation(error)
    return Problem(500, "internal", "The server failed; nothing was answered.")


def of_validation(error: RequestValidationError) -> Problem:
    """FastAPI's list of faults → the first one."""
    first = error.errors()[0]
    place = [str(part) for part in first["loc"] if part not in ("body", "query", "path")]
    field = ".".join(place) or "body"
    return Problem(422, "bad_input", f"{field}: {first['msg']}", field, first["msg"])


def answer_failures(app: FastAPI) -> None:
    """Every failure of every route gets the same form."""

    async def handle(_: Request, error: Exception) -> Response:
        return of_failure(error)

    for kind in (Problem, QuanyuError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, handle)
