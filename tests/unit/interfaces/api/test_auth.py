"""The door: a bearer key, the right scope, the merchant of the key."""

from types import SimpleNamespace
from typing import Annotated

import pytest
from fastapi import Depends, FastAPI
from starlette.requests import Request
from tests.asgi import Client

from quanyu.clock import DAY_US, FixedClock
from quanyu.interfaces.api.auth import authenticate, authenticated, require
from quanyu.interfaces.api.problems import answer_failures
from quanyu.storage.postgres.access import ApiKeys
from quanyu.storage.postgres.database import Database


@pytest.fixture
def keys(database: Database, clock: FixedClock) -> ApiKeys:
    return ApiKeys(database, clock)


@pytest.fixture
def client(keys: ApiKeys) -> Client:
    app = FastAPI()
    app.state.quanyu = SimpleNamespace(access=keys)
    answer_failures(app)

    @app.get("/described")
    def described(merchant: Annotated[str, Depends(require("reports:read"))]) -> str:
        return merchant

    async def raw_async(request: Request) -> str:
        return await authenticated(request, "events:write")

    def raw(request: Request) -> str:
        return authenticate(request, "events:write")

    app.add_api_route("/raw_async", raw_async)
    app.add_api_route("/raw", raw)
    return Client(app)


def bearing(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


@pytest.mark.parametrize("path", ["/described", "/raw_async", "/raw"])
def test_the_route_learns_whose_key_it_is(client: Client, keys: ApiKeys, path: str) -> None:
    secret = keys.create("花西子", ["reports:read", "events:write"]).secret
    for _ in range(2):
        assert client.get(path, headers=bearing(secret)).json() == "花西子"


@pytest.mark.parametrize("path", ["/described", "/raw_async", "/raw"])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer  "},
        {"Authorization": "Basic dXNlcjpwYXNz"},
    ],
)
def test_without_a_key_the_answer_says_how_to_get_one(
    client: Client, path: str, headers: dict[str, str]
) -> None:
    answer = client.get(path, headers=headers)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.json()["error"]["code"] == "no_key"
    assert "quanyu key create" in answer.json()["error"]["mend"]


@pytest.mark.parametrize("path", ["/described", "/raw_async", "/raw"])
def test_an_unknown_key_is_401(client: Client, path: str) -> None:
    answer = client.get(path, headers=bearing("qk_00000000_" + "A" * 43))
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unknown_key")


@pytest.mark.parametrize("path", ["/described", "/raw_async", "/raw"])
def test_a_key_without_the_scope_is_403_and_learns_which(
    client: Client, keys: ApiKeys, path: str
) -> None:
    secret = keys.create("demo", ["persons:read"]).secret
    answer = client.get(path, headers=bearing(secret))
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "missing_scope")
    assert "scope" in answer.json()["error"]["message"]


def test_expired_and_revoked_keys_are_401(client: Client, keys: ApiKeys, clock: FixedClock) -> None:
    short = keys.create("demo", ["admin"], expires_us=clock.now_us() + DAY_US).secret
    revoked = keys.create("demo", ["admin"])
    keys.revoke("demo", revoked.key.prefix)
    clock.advance(DAY_US)
    codes = [
        client.get("/raw", headers=bearing(secret)).json()["error"]["code"]
        for secret in (short, revoked.secret)
    ]
    assert codes == ["expired_key", "revoked_key"]


def test_the_scheme_is_read_in_any_case(client: Client, keys: ApiKeys) -> None:
    secret = keys.create("demo", ["admin"]).secret
    assert client.get("/raw", headers={"Authorization": f"bearer {secret}"}).json() == "demo"


def test_a_database_that_is_gone_is_503(client: Client, keys: ApiKeys, database: Database) -> None:
    secret = keys.create("demo", ["admin"]).secret
    database.close()
    answer = client.get("/raw", headers=bearing(secret))
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "storage_unavailable")


def test_openapi_says_that_a_key_is_needed(client: Client) -> None:
    described = client.get("/openapi.json").json()
    assert described["paths"]["/described"]["get"]["security"] == [{"HTTPBearer": []}]
    assert described["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"
