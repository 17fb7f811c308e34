"""Requests about somebody: who is meant goes into the kept content as a token."""

from typing import Any

from fastapi import Request
from pydantic import BaseModel

from quanyu.events import requests
from quanyu.promotions.requesting import request_for


def keyed(
    request: Request, merchant: str, *, operation: str, asked: tuple[str, BaseModel]
) -> requests.Request:
    """``asked``: (key, body)."""
    key, body = asked
    tokeniser = request.app.state.quanyu.tokeniser(merchant)
    content: dict[str, Any] = body.model_dump(mode="json")
    return request_for(merchant, operation, key=key, body=content, tokeniser=tokeniser)
