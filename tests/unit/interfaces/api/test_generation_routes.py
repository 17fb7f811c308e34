"""Generation and improvement over HTTP: no database is asked but for the key."""

from types import SimpleNamespace
from typing import Any

import pytest
from tests.asgi import Client
from tests.unit.content.generation.ground import TEA, document

from quanyu.content.marking.words import of_document
from quanyu.interfaces.api.application import create_app
from quanyu.interfaces.content_forms import read_piece
from quanyu.settings import Settings
from quanyu.storage.postgres.api_key import Denial

PAGE = {
    "industry": "food",
    "on": "2026-11-22",
    "title": "高山乌龙茶",
    "description": "国家级好茶。",
}


class Keys:
    """A key is the scope it opens."""

    def knows(self, secret: str) -> bool:
        return True

    def verify(self, secret: str, scope: str) -> Any:
        return SimpleNamespace(merchant="tea") if secret == scope else Denial.SCOPE


def client(scope: str, **settings: Any) -> Client:
    engine: Any = SimpleNamespace(settings=Settings(**settings), access=Keys())
    return Client(create_app(engine), headers={"Authorization": f"Bearer {scope}"})


@pytest.fixture
def writer() -> Client:
    return client("content:write")


def generate(writer: Client, **change: Any) -> Any:
    return writer.post(
        "/v1/contents/generate", json={"kind": "creative", "brief": document()} | change
    )


def test_pieces_are_generated_and_the_library_can_take_them(writer: Client) -> None:
    told = generate(writer, count=3).json()
    assert (told["made"], told["provider"], told["stopped"]) == (3, "template", None)
    for one in told["pieces"]:
        record = of_document(one)
        assert record is not None
        assert record.content_producer == "tea"
        assert read_piece(one["piece"], name="piece").id == record.produce_id


def test_the_same_request_gives_the_same_pieces(writer: Client) -> None:
    first, again = generate(writer, seed=7).json(), generate(writer, seed=7).json()
    assert first["pieces"] == again["pieces"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "poem"}, "body.kind"),
        ({"count": 0}, "body.count"),
        ({"count": 51}, "body.count"),
        ({"seed": -1}, "body.seed"),
        ({"provider": "gpt"}, "body.provider"),
        ({"provider": "llm"}, "QUANYU_LLM_URL"),
        ({"brief": document(industry="tea")}, "industry"),
        ({"brief": document(TEA | {"price_fen": 0})}, "body.brief.items[0].price_fen"),
        ({"save": True}, "body.save"),
    ],
)
def test_what_cannot_be_used_is_named(writer: Client, change: dict[str, Any], field: str) -> None:
    answer = generate(writer, **change)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["field"] == field


def test_a_model_that_is_away_is_no_fault_of_the_caller() -> None:
    away = client("content:write", llm_url="http://127.0.0.1:9/v1", llm_model="m",
                  llm_timeout_seconds=1)  # fmt: skip
    answer = generate(away, provider="llm")
    assert answer.status_code == 503
    assert answer.json()["error"]["code"] == "writer_unavailable"
    assert answer.headers["retry-after"]


def test_a_page_is_scored() -> None:
    reader = client("content:read")
    answer = reader.post("/v1/contents/improve", json={"kind": "item", "page": PAGE})
    told = answer.json()
    assert told["blocked"]
    assert told["next"][0] == "law"
    assert told["hits"][0]["field"] == "description"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"kind": "shop", "page": PAGE}, "body.kind"),
        ({"kind": "item", "page": PAGE | {"photos": -1}}, "page.photos"),
        ({"kind": "item", "page": PAGE | {"colour": "red"}}, "page.colour"),
        ({"kind": "item", "page": PAGE, "weights": {"beauty": 1}}, "weights.beauty"),
        ({"kind": "script", "page": {"industry": "food", "on": "2026-11-22", "segments": []}},
         "page.segments"),
    ],
)  # fmt: skip
def test_a_page_that_cannot_be_used_is_named(body: dict[str, Any], field: str) -> None:
    answer = client("content:read").post("/v1/contents/improve", json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["error"]["field"] == field


@pytest.mark.parametrize("route", ["generate", "improve"])
def test_a_key_without_the_scope_is_refused(route: str) -> None:
    answer = client("events:read").post(f"/v1/contents/{route}", json={})
    assert answer.status_code == 403
