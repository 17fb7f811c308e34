"""POST /v1/decide: a page waits, so it is decoded by hand and answered with its neighbours."""

from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from quanyu.decisions.asking import Ask
from quanyu.interfaces.api.auth import authenticated, require
from quanyu.interfaces.api.landing import landing
from quanyu.interfaces.api.uploads import allowance, body_of
from quanyu.interfaces.decision_forms import (
    ASK_BYTES_MAX,
    answer_json,
    explanation_of,
    new_trace,
    read_ask,
)

if TYPE_CHECKING:
    from quanyu.wiring import Engine

PATH = "/v1/decide"
router = APIRouter(tags=["decisions"])
Reader = Annotated[str, Depends(require("decisions:read"))]


def _form() -> Any:
    """Of the body; what it refers to stands in its place."""
    (schema,), parts = msgspec.json.schema_components([Ask], ref_template="{name}")

    def whole(tree: Any) -> Any:
        if isinstance(tree, dict):
            if "$ref" in tree:
                return whole(parts[tree["$ref"]])
            return {name: whole(one) for name, one in tree.items()}
        return [whole(one) for one in tree] if isinstance(tree, list) else tree

    return whole(schema)


async def decide(request: Request) -> Response:
    """What stands in the slots of a touchpoint, now, for this person. Scope: decisions:make."""
    merchant = await authenticated(request, "decisions:make")
    engine: Engine = request.app.state.quanyu
    with allowance(request).room() as room:
        body = await body_of(request, room, bytes_max=ASK_BYTES_MAX)
    question = engine.decisions.question(
        merchant, read_ask(body), tokeniser=engine.tokeniser(merchant), trace=new_trace()
    )
    answer = await landing(request.app.state).of(engine.deciding.submit(question))
    return Response(answer_json(answer), media_type="application/json")


@router.post(PATH, openapi_extra={
    "requestBody": {"required": True, "content": {"application/json": {"schema": _form()}}},
    "security": [{"HTTPBearer": []}],
})  # fmt: skip
async def decide_documented(request: Request) -> Response:
    """What stands in the slots of a touchpoint, now, for this person. Scope: decisions:make."""
    return await decide(request)


@router.get("/v1/decisions/{trace}")
def explain(
    request: Request, merchant: Reader, trace: str, id: Annotated[list[str] | None, Query()] = None
) -> Any:  # fmt: skip
    """Why this, why not that (``id``, repeatable), at which price, and what came of it."""
    return explanation_of(request.app.state.quanyu, merchant, trace=trace, ids=id or [])
