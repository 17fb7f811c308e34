"""Every failure has one JSON form, and one table says which status it gets."""

from typing import Annotated

import msgspec
import pytest
from fastapi import FastAPI, Query
from starlette.exceptions import HTTPException
from tests.asgi import Client

from quanyu.errors import (
    BadInput,
    NotFound,
    Overloaded,
    QuanyuError,
    StorageFull,
    StorageUnavailable,
)
from quanyu.interfaces.api.problems import Problem, answer_failures, of_failure

FAILURES = [
    (BadInput("at", "add an offset"), 400, "bad_input"),
    (NotFound("person p_1"), 404, "not_found"),
    (Overloaded("9 are waiting"), 429, "overloaded"),
    (StorageFull(), 507, "storage_full"),
    (StorageUnavailable("restarting"), 503, "storage_unavailable"),
    (HTTPException(405, "Method Not Allowed"), 405, "http_error"),
    (Problem(409, "taken", "The name is taken."), 409, "taken"),
    (QuanyuError(), 500, "internal"),
    (ZeroDivisionError("secret detail"), 500, "internal"),
]


@pytest.mark.parametrize(("error", "status", "code"), FAILURES)
def test_each_failure_has_its_status_and_code(error: Exception, status: int, code: str) -> None:
    response = of_failure(error)
    body = msgspec.json.decode(bytes(response.body))
    assert response.status_code == status
    assert body["error"]["code"] == code
    assert body["error"]["message"]


def test_bad_input_names_field_and_mend() -> None:
    body = msgspec.json.decode(bytes(of_failure(BadInput("at", "add an offset")).body))
    assert body["error"]["field"] == "at"
    assert body["error"]["mend"] == "add an offset"


def test_what_went_wrong_inside_stays_inside() -> None:
    assert b"secret" not in of_failure(ZeroDivisionError("secret detail")).body


@pytest.mark.parametrize("error", [Overloaded(), StorageUnavailable()])
def test_a_passing_failure_says_when_to_come_back(error: Exception) -> None:
    assert of_failure(error).headers["Retry-After"] == "1"


def test_absent_parts_are_absent() -> None:
    body = msgspec.json.decode(bytes(Problem(400, "x", "y").response.body))
    assert body == {"error": {"code": "x", "message": "y"}}


@pytest.fixture
def client() -> Client:
    app = FastAPI()
    answer_failures(app)

    @app.get("/number")
    def number(size: Annotated[int, Query(le=10)]) -> int:
        return size

    @app.get("/broken/{index}")
    def broken(index: int) -> None:
        raise FAILURES[index][0]

    return Client(app)


@pytest.mark.parametrize("index", range(len(FAILURES)))
def test_a_route_that_raises_answers_in_the_same_form(client: Client, index: int) -> None:
    answer = client.get(f"/broken/{index}")
    assert answer.status_code == FAILURES[index][1]
    assert answer.json()["error"]["code"] == FAILURES[index][2]


def test_a_parameter_that_does_not_fit_is_named(client: Client) -> None:
    answer = client.get("/number?size=99")
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "size"


def test_an_unknown_route_answers_in_the_same_form(client: Client) -> None:
    assert client.get("/nowhere").json()["error"]["code"] == "http_error"
