"""A client that calls an ASGI application in this process, without a socket."""

import asyncio
from typing import Any

import httpx


class Client:
    """``Client(app).get("/v1/…")`` → ``httpx.Response``. An exception of the application is
    answered as a server would answer it."""

    def __init__(self, app: Any, *, headers: dict[str, str] | None = None) -> None:
        self._transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        self._headers = headers or {}

    def get(self, path: str, **options: Any) -> httpx.Response:
        return self.request("GET", path, **options)

    def post(self, path: str, **options: Any) -> httpx.Response:
        return self.request("POST", path, **options)

    def put(self, path: str, **options: Any) -> httpx.Response:
        return self.request("PUT", path, **options)

    def delete(self, path: str, **options: Any) -> httpx.Response:
        return self.request("DELETE", path, **options)

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        return asyncio.run(self._request(method, path, options))

    async def _request(self, method: str, path: str, options: dict[str, Any]) -> httpx.Response:
        async with httpx.AsyncClient(
            transport=self._transport, base_url="http://quanyu", headers=self._headers
        ) as client:
            return await client.request(method, path, **options)
