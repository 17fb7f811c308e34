"""Who calls: a bearer key that names a merchant and carries scopes."""

from collections.abc import Callable

from fastapi import Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from quanyu.interfaces.api.problems import Problem
from quanyu.storage.postgres.access import ApiKeys
from quanyu.storage.postgres.api_key import Denial

bearer = HTTPBearer(auto_error=False, description="An API key: `quanyu key create`.")
CHALLENGE = {"WWW-Authenticate": "Bearer"}


def authenticate(request: Request, scope: str) -> str:
    """The merchant of the caller. Raises Problem 401 or 403.

    May ask the database; in an ``async`` route use ``authenticated``.
    """
    return admitted(keys_of(request), secret_of(request), scope=scope)


async def authenticated(request: Request, scope: str) -> str:
    """``authenticate`` for ``async`` routes: waits for the database in a thread, if at all."""
    keys, secret = keys_of(request), secret_of(request)
    if keys.knows(secret):
        return admitted(keys, secret, scope=scope)
    return await run_in_threadpool(admitted, keys, secret, scope=scope)


def require(scope: str) -> Callable[..., str]:
    """A dependency: ``merchant: Annotated[str, Depends(require("events:write"))]``."""

    def merchant(
        request: Request, _: HTTPAuthorizationCredentials | None = Security(bearer)
    ) -> str:
        return authenticate(request, scope)

    return merchant


def may(request: Request, scope: str) -> bool:
    """Whether the key of a caller who was let in opens another door as well."""
    return not isinstance(keys_of(request).verify(secret_of(request), scope), Denial)


def keys_of(request: Request) -> ApiKeys:
    keys: ApiKeys = request.app.state.quanyu.access
    return keys


def secret_of(request: Request) -> str:
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not secret.strip():
        raise Problem(
            401,
            "no_key",
            "This route needs an API key.",
            mend="send Authorization: Bearer qk_…; make one with `quanyu key create`",
            headers=CHALLENGE,
        )
    return secret.strip()


def admitted(keys: ApiKeys, secret: str, *, scope: str) -> str:
    match keys.verify(secret, scope):
        case Denial.SCOPE:
            message = f"The key lacks the scope {scope}."
            raise Problem(403, Denial.SCOPE, message, mend="create a key with that scope")
        case Denial() as denial:
            message = f"The key does not open this door: {denial.replace('_', ' ')}."
            mend = "create a new key with `quanyu key create`"
            raise Problem(401, denial, message, mend=mend, headers=CHALLENGE)
        case key:
            return key.merchant
