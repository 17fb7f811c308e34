"""Both doors of generation and improvement refuse the same things, with the same field and mend."""

import json
from types import SimpleNamespace
from typing import Any

import pytest
from tests.asgi import Client
from tests.unit.content.generation.ground import TEA, document
from typer.testing import CliRunner

from quanyu.errors import BadInput
from quanyu.interfaces.api.application import create_app
from quanyu.interfaces.cli.main import app
from quanyu.interfaces.improving import judged, page_of, read_weights
from quanyu.settings import Settings


def tea(**change: Any) -> dict[str, Any]:
    """None takes a field away."""
    return {name: value for name, value in (TEA | change).items() if value is not None}


class Keys:
    def knows(self, secret: str) -> bool:
        return True

    def verify(self, secret: str, scope: str) -> Any:
        return SimpleNamespace(merchant="tea house")


@pytest.fixture(scope="module")
def caller() -> Client:
    engine: Any = SimpleNamespace(settings=Settings(), access=Keys())
    return Client(create_app(engine), headers={"Authorization": "Bearer any"})


def by_command(*words: str, stdin: Any) -> tuple[str, str]:
    result = CliRunner().invoke(app, ["content", *words], input=json.dumps(stdin))
    assert isinstance(result.exception, BadInput), (result.output, result.exception)
    assert result.stdout == "", "nothing but the refusal"
    return result.exception.field, result.exception.mend


def by_http(caller: Client, route: str, body: Any) -> tuple[str, str]:
    answer = caller.post(f"/v1/contents/{route}", json=body)
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    return error["field"], answer.text


BRIEFS: list[tuple[dict[str, Any], str, str, str]] = [
    # (brief, kind, field, a word of the mend)
    (document(industry="tea"), "article", "industry", "food"),
    (document(on="2026-13-01"), "article", "brief.on", ""),
    (document(on=20261122), "article", "brief.on", ""),
    (document() | {"items": []}, "article", "brief.items", "1"),
    (document(*[tea(id=f"t{n}") for n in range(31)]), "article", "brief.items", "30"),
    (document(tea(), tea()), "article", "brief.items", "once"),
    (document(tea(id="")), "article", "brief.items[0].id", ""),
    (document(tea(id="茶")), "article", "brief.items[0].id", ""),
    (document(tea(title=None)), "article", "brief.items[0].title", ""),
    (document(tea(title="  。")), "article", "brief.items[0].title", "plain text"),
    (document(tea(title="茶\t叶")), "article", "brief.items[0].title", "plain text"),
    (document(tea(title="乌" * 61)), "article", "brief.items[0].title", "60"),
    (document(tea(), tea(id="two", price_fen=-1)), "article", "brief.items[1].price_fen", "1"),
    (document(tea(price_fen=True)), "article", "brief.items[0].price_fen", ""),
    (document(tea(price_fen=10**18)), "article", "brief.items[0].price_fen", ""),
    (document(tea(reference_fen=9_900)), "article", "brief.items[0].reference_basis", "零售价"),
    (
        document(tea(price_fen=None, reference_fen=9_900)),
        "article",
        "brief.items[0].price_fen",
        "compared",
    ),
    (
        document(tea(reference_fen=8_800, reference_basis="标价")),
        "article",
        "brief.items[0].reference_fen",
        "above",
    ),
    (
        document(tea(facts={}, selling_points=[])),
        "article",
        "brief.items[0].facts",
        "none is made up",
    ),
    (document(tea(facts={"产地": "\n"})), "article", "brief.items[0].facts.产地", "plain text"),
    (document(tea(how_to=["温杯", "！"])), "article", "brief.items[0].how_to[1]", "plain text"),
    (document(tea(pains=["x"] * 9)), "article", "brief.items[0].pains", "8"),
    (document(tea(weight=3)), "article", "brief.items[0].weight", ""),
    (document(offers=[{"text": ""}]), "article", "brief.offers[0].text", "1"),
    (document(offers=[{"text": "满减"}] * 11), "article", "brief.offers", "10"),
    (document(store={"name": "茶馆"}), "article", "brief.store.id", ""),
    (document(audience="人" * 81), "article", "brief.audience", "80"),
    (document(minutes=241), "show-script", "brief.minutes", "240"),
    (document(seconds=181), "video-script", "brief.seconds", "180"),
    (document(characters=199), "article", "brief.characters", "200"),
    (document(tone=""), "article", "brief.tone", ""),
    (document(arm_of="a/b"), "article", "brief.arm_of", ""),
    (
        document(*[tea(id=f"t{n}") for n in range(12)], minutes=3),
        "show-script",
        "brief.minutes",
        "for each item",
    ),
    (document(tea(title="乌" * 60), seconds=15), "video-script", "brief.seconds", "seconds"),
    (
        document(tea(title="乌" * 31)),
        "creative",
        "brief.items",
        "30 fit a creative",
    ),
    (
        document(tea(title="乌" * 60, facts={"产地": "长" * 80}), characters=200),
        "article",
        "brief.characters",
        "300 or more",
    ),
    (document(tea(title="治疗失眠茶")), "article", "brief.items[0].title", "食品安全法"),
]


@pytest.mark.parametrize(("brief", "kind", "field", "mend"), BRIEFS)
def test_a_brief_that_cannot_be_met_is_named_alike_at_both_doors(
    caller: Client, brief: dict[str, Any], kind: str, field: str, mend: str
) -> None:
    named, said = by_command("generate", kind, "--brief", "-", stdin=brief)
    assert (named, mend in said) == (field, True), said
    named, answer = by_http(caller, "generate", {"kind": kind, "brief": brief})
    assert named in (field, f"body.{field}")
    assert mend in answer


PAGES: list[tuple[str, dict[str, Any], str]] = [
    ("item", {"title": "茶", "photos": -1}, "page.photos"),
    ("item", {"title": "茶", "photos": "five"}, "page.photos"),
    ("item", {"title": "茶" * 201}, "page.title"),
    ("item", {}, "page.title"),
    ("item", {"title": "茶", "price_fen": 0}, "page.price_fen"),
    ("item", {"title": "茶", "reviews": {"count": 3, "rating_tenths": 51}},
     "page.reviews.rating_tenths"),
    ("item", {"title": "茶", "colour": "绿"}, "page.colour"),
    ("item", {"title": "茶", "industry": "tea"}, "industry"),
    ("item", {"title": "茶", "on": "soon"}, "page.on"),
    ("poi", {"title": "茶馆"}, "page.title"),
    ("poi", {"name": "茶馆", "updated_on": "2027-01-01"}, "page.updated_on"),
    ("poi", {"name": "茶馆", "phone": "yes"}, "page.phone"),
    ("script", {}, "page.segments"),
    ("script", {"segments": [{"text": "茶", "purpose": "fun"}]}, "page.segments[0].purpose"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "change", "field"), PAGES)
def test_a_page_that_cannot_be_scored_is_named_alike_at_both_doors(
    caller: Client, kind: str, change: dict[str, Any], field: str
) -> None:
    page = {"industry": "food", "on": "2026-11-22"} | change
    named, said = by_command("improve", kind, "--page", "-", stdin=page)
    assert named == field
    assert said
    assert by_http(caller, "improve", {"kind": kind, "page": page})[0] == field


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"count": 0}, "body.count"),
        ({"count": 51}, "body.count"),
        ({"count": 1.5}, "body.count"),
        ({"seed": -1}, "body.seed"),
        ({"seed": 10**10}, "body.seed"),
        ({"kind": None}, "body.kind"),
        ({"provider": "llm"}, "QUANYU_LLM_URL"),
        ({"provider": ""}, "body.provider"),
        ({"out": "/tmp"}, "body.out"),
    ],
)
def test_a_form_that_cannot_be_used_is_named(
    caller: Client, change: dict[str, Any], field: str
) -> None:
    body = {"kind": "creative", "brief": document()} | change
    assert by_http(caller, "generate", body)[0] == field


@pytest.mark.parametrize("count", [1, 2, 50])
def test_as_many_come_as_were_asked_for(caller: Client, count: int) -> None:
    body = {"kind": "creative", "brief": document(), "count": count, "seed": 3}
    answer = caller.post("/v1/contents/generate", json=body).json()
    assert answer["made"] == len(answer["pieces"]) == count
    seeds = [one["seed"] for one in answer["pieces"]]
    assert seeds == sorted(set(seeds))
    assert seeds[0] >= 3


def test_both_doors_write_the_same_words(caller: Client) -> None:
    body = {"kind": "article", "brief": document(), "seed": 5}
    one = caller.post("/v1/contents/generate", json=body).json()["pieces"][0]
    words = ["content", "generate", "article", "--brief", "-", "--seed", "5", "--json"]
    result = CliRunner().invoke(app, words, input=json.dumps(document()))
    other = json.loads(result.stdout)["pieces"][0]
    assert one["script"] == other["script"]
    assert one["marketing"] == other["marketing"]


def test_both_doors_give_the_same_score(caller: Client) -> None:
    page = {"industry": "food", "on": "2026-11-22", "title": "国家级高山乌龙茶", "photos": 3}
    told = caller.post("/v1/contents/improve", json={"kind": "item", "page": page}).json()
    result = CliRunner().invoke(
        app, ["content", "improve", "item", "--page", "-", "--json"], input=json.dumps(page)
    )
    assert json.loads(result.stdout) == told
    assert told["next"][0] == "law"
    assert told["score"] == judged(page_of(page, "item"), {}).score


@pytest.mark.parametrize(
    ("text", "field"),
    [(b"[]", "weights"), (b'{"photos": "much"}', "weights.photos"), (b"{", "weights")],
)
def test_weights_are_read_strictly(text: bytes, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_weights(text)
    assert caught.value.field.startswith(field.partition(".")[0])
