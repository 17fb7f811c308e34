"""A merchant's program that calls the API of a running server."""

from typing import Any

import httpx


class Caller:
    """Every call has a key of its own unless one is said."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client
        self._calls = 0

    def post(self, path: str, body: Any = None, *, key: str | None = None) -> httpx.Response:
        self._calls += 1
        headers = {"Idempotency-Key": key or f"call {self._calls}"}
        return self._client.post(f"/v1/{path}", json=body, headers=headers)

    def ok(self, path: str, body: Any = None, *, key: str | None = None) -> Any:
        return good(self.post(path, body, key=key))

    def put(self, path: str, body: Any) -> Any:
        return good(self._client.put(f"/v1/{path}", json=body))

    def get(self, path: str, **query: str) -> Any:
        return good(self._client.get(f"/v1/{path}", params=query))


def good(answer: httpx.Response) -> Any:
    assert answer.is_success, answer.text
    return answer.json()
