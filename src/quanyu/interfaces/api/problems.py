"""How the API says no: one JSON form for every failure, and the only table of status codes."""

from collections.abc import Mapping
from typing import TypedDict, Unpack

import msgspec
from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from quanyu.errors import (
    BadInput,
    NotFound,
    Overloaded,
    QuanyuError,
    StorageFull,
    StorageUnavailable,
)

RETRY = {"Retry-After": "1"}


class About(TypedDict, total=False):
    field: str | None
    mend: str | None
    headers: Mapping[str, str] | None


class Problem(Exception):
    """Raise it to answer with ``problem(…)``."""

    def __init__(self, status: int, code: str, message: str, **about: Unpack[About]) -> None:
        super().__init__(message)
        self.response = problem(status, code, message, **about)


def problem(status: int, code: str, message: str, **about: Unpack[About]) -> Response:
    """``{"error": {"code", "message", "field"?, "mend"?}}``; ``code`` is for programs."""
    error = {"code": code, "message": message}
    for part in ("field", "mend"):
        if about.get(part) is not None:
            error[part] = str(about.get(part))
    return Response(
        msgspec.json.encode({"error": error}),
        status_code=status,
        headers=dict(about.get("headers") or {}),
        media_type="application/json",
    )


def of_failure(error: Exception) -> Response:
    """The answer to an exception; what is unknown stays inside."""
    match error:
        case Problem():
            return error.response
        case BadInput():
            return problem(400, "bad_input", str(error), field=error.field, mend=error.mend)
        case NotFound():
            return problem(404, "not_found", str(error))
        case Overloaded():
            mend = "send it again after the pause that Retry-After names"
            return problem(429, "overloaded", str(error), mend=mend, headers=RETRY)
        case StorageFull():
            return problem(507, "storage_full", str(error), mend="free disk space, send it again")
        case StorageUnavailable():
            mend = "send it again under the same ids"
            return problem(503, "storage_unavailable", str(error), mend=mend, headers=RETRY)
        case HTTPException():
            return problem(
                error.status_code, "http_error", str(error.detail), headers=error.headers
            )
        case RequestValidationError():
            return of_validation(error)
    return problem(500, "internal", "The server failed; nothing was answered.")


def of_validation(error: RequestValidationError) -> Response:
    """FastAPI's list of faults → the first one, in our form."""
    first = error.errors()[0]
    place = [str(part) for part in first["loc"] if part not in ("body", "query", "path")]
    field = ".".join(place) or "body"
    return problem(422, "bad_input", f"{field}: {first['msg']}", field=field, mend=first["msg"])


def answer_failures(app: FastAPI) -> None:
    """Every failure of every route gets the same form."""

    async def handle(_: Request, error: Exception) -> Response:
        return of_failure(error)

    for kind in (Problem, QuanyuError, HTTPException, RequestValidationError, Exception):
        app.add_exception_handler(kind, handle)
