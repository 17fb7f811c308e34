"""No path shows anything to a person without the gate: the paths are enumerated, and attacked."""

import ast
import inspect
import json
import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import MISSING, fields
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from tests.asgi import Client
from tests.engine_ground import opened
from tests.free_text import SENTENCE, WORDS, free_texts
from tests.shown_paths import FORMS, MACHINE, SHOWN, UNSHOWN, UNSHOWN_DOCUMENTS

import quanyu
from quanyu.clock import HOUR_US, FixedClock, format_iso
from quanyu.interfaces.api.application import create_app
from quanyu.merchants.listings.catalogue import Catalogue
from quanyu.promotions.desk import Desk
from quanyu.promotions.flash_sales.ports import Ports as FlashPorts
from quanyu.promotions.loyalty.ports import Ports as LoyaltyPorts
from quanyu.promotions.offers.service import OfferService
from quanyu.promotions.orders.promotions import Promotions
from quanyu.promotions.releases.service import Releases
from quanyu.storage.postgres.database import Database

SOURCE = Path(quanyu.__file__).parent
WRITES = ("post", "put", "patch", "delete")


@pytest.fixture(scope="module")
def documents() -> dict[str, dict[str, Any]]:
    """Route → what OpenAPI says of it."""
    return create_app().openapi()


def write_routes(openapi: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            if method in WRITES:
                yield f"{method.upper()} {path}", operation


def texts_of(route: str, operation: dict[str, Any], openapi: dict[str, Any]) -> set[str]:
    """Every free text of its address, query and body."""
    known = openapi["components"]["schemas"]
    found = {
        "{" + one["name"] + "}"
        for one in operation.get("parameters", [])
        if one["in"] != "header" and free_texts(one["schema"], known)
    }
    for content in operation.get("requestBody", {}).get("content", {}).values():
        found |= free_texts(content["schema"], known)
    for place, form in FORMS.get(route, {}).items():
        schema = msgspec.json.schema(form)
        inside = free_texts(schema, schema.get("$defs", {}))
        found |= {f"{place}.{one}".strip(".") if one[:1] != "[" else one for one in inside}
    return found - {""}


def is_opaque(content: dict[str, Any]) -> bool:
    """A body, or a part of one, of which OpenAPI says only that it is an object."""
    return '"additionalProperties": true' in json.dumps(content) or content == {"type": "object"}


def shown_at(route: str) -> set[str]:
    return {path for _, paths in SHOWN.get(route, []) for path in paths}


def test_every_free_text_of_every_write_is_classified(documents: dict[str, Any]) -> None:
    unknown = {}
    for route, operation in write_routes(documents):
        rest = texts_of(route, operation, documents) - shown_at(route) - set(UNSHOWN.get(route, []))
        rest = {one for one in rest if leaf(one) not in MACHINE}
        if rest:
            unknown[route] = sorted(rest)
    assert not unknown, "say in tests/shown_paths.py whether a customer reads them"


def test_every_document_that_a_route_decodes_by_itself_has_its_form(
    documents: dict[str, Any],
) -> None:
    known, silent = documents["components"]["schemas"], []
    for route, operation in write_routes(documents):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            schema = content["schema"]
            schema = known[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
            if is_opaque(schema) and route not in FORMS and route not in UNSHOWN_DOCUMENTS:
                silent.append(route)
    assert not silent, "name its form in tests/shown_paths.py"


def test_the_table_speaks_of_routes_and_fields_that_exist(documents: dict[str, Any]) -> None:
    routes = dict(write_routes(documents))
    assert set(FORMS) | set(SHOWN) | set(UNSHOWN) | set(UNSHOWN_DOCUMENTS) <= set(routes)
    used = set()
    for route, operation in routes.items():
        texts = texts_of(route, operation, documents)
        used |= {leaf(one) for one in texts}
        assert shown_at(route) | set(UNSHOWN.get(route, [])) <= texts, route
    assert set(MACHINE) <= used, "names that no field has any more"


def leaf(path: str) -> str:
    """``lines[].item`` → ``item``; ``{promotion}`` → ``promotion``."""
    return re.split(r"[\[{]", path.rpartition(".")[2].strip("{}"))[0]


@pytest.fixture
def client(database: Database, clock: FixedClock, data_dir: Path) -> Iterator[Client]:
    with opened(database, clock, data_dir) as engine:
        secret = engine.access.create("tea", ["admin"]).secret
        made = Client(create_app(engine), headers={"Authorization": f"Bearer {secret}"})
        sell(made, "case", "i1", clock=clock)
        yield made


def sell(client: Client, *items: str, clock: FixedClock) -> None:
    """At 29.90 each, so that this price can be compared with."""
    lines = [
        {"line": item, "shop": "总店", "item": item, "quantity": 1, "list_price": 2_990}
        for item in items
    ]
    cart = {"now": format_iso(clock.now_us()), "lines": lines}
    who = {"order": "o1", "identifiers": {"taobao_id": "ann"}, "touchpoint": "shop", "cart": cart}
    for path, body in (
        ("orders", who),
        ("orders/o1/pay", {"amount": 2_990 * len(items), "method": "alipay"}),
    ):
        answer = client.post(f"/v1/{path}", json=body, headers={"Idempotency-Key": path})
        assert answer.is_success, answer.text
    clock.advance(HOUR_US)


def send(client: Client, route: str, body: Any, *, number: int) -> Any:
    """``{promotion}`` in the body stands for the last part of the address."""
    method, _, path = route.partition(" ")
    name = f"n{number}"
    if isinstance(body, dict):
        name = next((body.pop(one) for one in list(body) if one[:1] == "{"), name)
    path = re.sub(r"\{\w+\}", quote(name, safe=""), path)
    return client.request(method, path, json=body, headers={"Idempotency-Key": f"k{number}"})


def attacked(body: Any, path: str) -> Any:
    """The same document with a sentence in that place."""
    if path[:1] == "{":
        return {**body, path: SENTENCE}
    made, rest = deepcopy(body), re.findall(r"\[\]|\{name\}|\{\}|[^.\[{]+", path)
    place: Any = made
    for step in rest[:-1]:
        place = place[0] if step == "[]" else place[step]
    text = WORDS if path.endswith("partner") else SENTENCE
    match rest[-1]:
        case "[]":
            place[0] = text
        case "{}":
            place[next(iter(place))] = text
        case "{name}":
            place[text] = place.pop(next(iter(place)))
        case step:
            assert step in place, f"{path} is not in the example"
            place[step] = text
    return made


def fresh(body: Any, number: int) -> Any:
    """Under an id of its own: what exists already is not made again."""
    made = deepcopy(body)
    for place in ("template", "sale", "offered"):
        if isinstance(made, dict) and place in made:
            inside = made[place].get("terms", made[place])
            inside["id" if "id" in inside else "name"] = f"x{number}"
    return made


def test_each_shown_field_is_attacked_and_refused_with_its_article(client: Client) -> None:
    numbers = count(1)
    for route, examples in SHOWN.items():
        for body, paths in examples:
            number = next(numbers)
            good = send(client, route, fresh(body, number), number=number)
            assert good.status_code == 200, (route, good.text)
            for path in paths:
                number = next(numbers)
                bad = send(client, route, attacked(fresh(body, number), path), number=number)
                assert bad.status_code == 422, (route, path, bad.status_code, bad.text)
                error = bad.json()["error"]
                assert error["code"] == "unlawful", (route, path, error)
                assert "《" in error["mend"], "it names the article of the gravest"
                absolute = {
                    hit["text"]
                    for hit in error["verdict"]["hits"]
                    if hit["article"] == "《广告法》第九条第（三）项" and hit["severity"] == "block"
                }
                assert any("国家级" in text for text in absolute), (route, path, error)


def test_what_was_refused_is_not_there_and_its_verdict_is(client: Client) -> None:
    item = attacked(SHOWN["PUT /v1/items/{item}"][0][0], "title")
    assert send(client, "PUT /v1/items/{item}", item, number=7).status_code == 422
    assert client.get("/v1/items/n7").status_code == 404
    (review,) = client.get("/v1/gate/reviews/item/n7").json()
    assert review["verdict"] == "block"
    assert {hit["field"] for hit in review["hits"]} >= {"title"}


STORED_BY = {
    "put_product": "promotions/vouchers/service.py",
    "put_programme": "promotions/loyalty/service.py",
    "put_item": "promotions/loyalty/exchange.py",
    "add_sale": "promotions/flash_sales/service.py",
}
"""What stores something that is shown → the only module that may call it."""


def calls(path: Path, name: str) -> bool:
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == name
        for node in ast.walk(ast.parse(path.read_text()))
    )


def test_what_is_shown_is_stored_from_behind_the_door_only() -> None:
    for name, module in STORED_BY.items():
        callers = {str(p.relative_to(SOURCE)) for p in SOURCE.rglob("*.py") if calls(p, name)}
        assert callers == {module}, name


@pytest.mark.parametrize("store", ["PostgresListings", "PostgresPromotions", "PostgresReleases",
                                   "PostgresOffers", "PostgresVouchers",
                                   "PostgresCampaigns"])  # fmt: skip
def test_stores_of_what_is_shown_are_made_in_wiring_only(store: str) -> None:
    """So nothing reaches them but a service that was given the door."""
    makers = {
        p.relative_to(SOURCE).parts[0]
        for p in SOURCE.rglob("*.py")
        if re.search(rf"(?<!class ){store}\(", p.read_text())
    }
    assert makers <= {"wiring", "storage"}


def test_every_service_of_shown_things_asks_for_the_door() -> None:
    for service in (OfferService, Promotions, Releases, Catalogue):
        door = inspect.signature(service).parameters["door"]
        assert door.default is inspect.Parameter.empty, service
    for desk in (Desk, FlashPorts, LoyaltyPorts):
        assert "door" in {one.name for one in fields(desk) if one.default is MISSING}
