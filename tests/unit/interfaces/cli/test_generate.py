"""``quanyu content generate``, ``improve``, ``mark``, ``inspect``: as a marketer runs them."""

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from tests.unit.content.generation.ground import EXAMPLES, TEA, document
from tests.unit.storage.language_model.endpoint import answers, serving, writes
from typer.testing import CliRunner, Result

from quanyu.content.marking.words import is_marked, of_document, parted
from quanyu.content.piece import Piece
from quanyu.errors import BadInput
from quanyu.interfaces.cli.generate import proof_in
from quanyu.interfaces.cli.main import app
from quanyu.interfaces.content_forms import read_piece

TIP = {"role": "tip", "text": "泡茶先温杯，水温看茶的老嫩，慢慢来，喝着顺口就好。"}
PAGES = EXAMPLES.parent / "pages"


def run(*words: str, stdin: str = "") -> Result:
    return CliRunner().invoke(app, ["content", *words], input=stdin)


def answer(*words: str, stdin: str = "") -> Any:
    result = run(*words, "--json", stdin=stdin)
    assert result.exit_code == 0, (result.output, result.exception)
    return json.loads(result.stdout)


def refused(*words: str, stdin: str = "") -> BadInput:
    result = run(*words, stdin=stdin)
    assert isinstance(result.exception, BadInput), (result.output, result.exception)
    assert result.stdout == ""
    return result.exception


def generate(*words: str, brief: dict[str, Any] | None = None) -> Any:
    return answer("generate", *words, "--brief", "-", stdin=json.dumps(brief or document()))


@pytest.mark.parametrize("kind", ["show-script", "video-script", "creative", "article"])
def test_a_piece_comes_with_its_marks_its_review_and_its_shares(kind: str) -> None:
    told = generate(kind, brief=document(minutes=5))
    (one,) = told["pieces"]
    assert isinstance(read_piece(one["piece"], name="piece"), Piece)
    assert of_document(one) is not None
    assert is_marked(one["piece"]["segments"][0]["text"])
    assert one["review"]["verdict"] in ("pass", "warn", "label")
    assert (one["rounds"], one["changes"]) == (1, [])
    assert (told["asked"], told["made"], told["provider"]) == (1, 1, "template")


def test_the_same_seed_gives_the_same_piece() -> None:
    first, again, other = (generate("article", "--seed", seed)["pieces"][0]["piece"]
                           for seed in ("3", "3", "4"))  # fmt: skip
    assert first == again
    assert first["id"] != other["id"]


@pytest.mark.parametrize(("form", "suffix"), [("json", ".json"), ("text", ".txt")])
def test_many_pieces_go_to_a_folder_one_file_each(tmp_path: Path, form: str, suffix: str) -> None:
    out = tmp_path / "scripts"
    told = generate("video-script", "--count", "12", "--out", str(out), "--form", form)
    files = sorted(out.iterdir())
    assert len(files) == told["made"] == 12
    assert sorted(told["files"]) == [str(path) for path in files]
    assert "pieces" not in told
    assert all(path.suffix == suffix for path in files)
    for path in files:
        text = path.read_text()
        record = of_document(json.loads(text)) if form == "json" else parted(text)[1]
        assert record is not None
        assert record.produce_id == path.stem


def test_a_word_against_the_law_is_mended_and_told() -> None:
    tea = TEA | {"selling_points": ["国家级工艺", "小罐分装"]}
    told = generate("creative", brief=document(tea))
    (one,) = told["pieces"]
    assert "国家级" not in json.dumps(one["piece"], ensure_ascii=False)
    change = one["changes"][0]
    assert change["field"] == "brief.items[0].selling_points[0]"
    assert "广告法" in change["article"]
    assert told["changed"] == 1


def test_people_see_the_script_its_share_and_what_was_changed() -> None:
    tea = TEA | {"selling_points": ["国家级工艺", "小罐分装"]}
    result = run("generate", "article", "--brief", "-", stdin=json.dumps(document(tea)))
    assert result.exit_code == 0
    for word in ("特点", "营销占比", "改动", "国家级工艺", "生成结果", "AI生成"):
        assert word in result.stdout
    many = run("generate", "creative", "--count", "5", "--out", "/dev/null/x", "--brief", "-",
               stdin=json.dumps(document()))  # fmt: skip
    assert isinstance(many.exception, BadInput)


def test_less_than_was_asked_is_said() -> None:
    little = document({"id": "tea", "title": "茶", "facts": {"产地": "安溪"}})
    told = generate("creative", "--count", "120", brief=little)
    assert 0 < told["made"] < 120
    assert told["duplicates"] == 360 - told["made"]
    result = run("generate", "creative", "--count", "120", "--brief", "-", stdin=json.dumps(little))
    assert "少于要求" in result.stderr


@pytest.mark.parametrize(
    ("words", "field"),
    [
        (["generate", "poem", "--brief", "-"], "KIND"),
        (["generate", "article", "--brief", "/nowhere.json"], "--brief"),
        (["generate", "article", "--brief", "-", "--provider", "gpt"], "--provider"),
        (["generate", "article", "--brief", "-", "--form", "pdf"], "--form"),
        (["generate", "article", "--brief", "-", "--save"], "--actor"),
        (["generate", "article", "--brief", "-"], "brief"),
        (["improve", "shop", "--page", "-"], "KIND"),
        (["improve", "item", "--page", "-"], "page"),
        (["inspect", "/nowhere.png"], "FILE"),
        (["mark", "/nowhere.png", "--out", "x", "--id", "1"], "FILE"),
    ],
)
def test_what_cannot_be_used_is_named_in_one_line(words: list[str], field: str) -> None:
    assert refused(*words, stdin="{").field == field


def test_a_name_against_the_law_ends_it_with_article_and_mend() -> None:
    tea = TEA | {"title": "治疗失眠茶"}
    error = refused("generate", "article", "--brief", "-", stdin=json.dumps(document(tea)))
    assert error.field.startswith("brief.items[0].title")
    assert "《" in error.mend


def test_the_model_that_the_settings_name_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    assert refused("generate", "article", "--provider", "llm", "--brief", "-",
                   stdin=json.dumps(document())).field == "QUANYU_LLM_URL"  # fmt: skip
    with serving(writes("说说高山乌龙茶", TIP)) as endpoint:
        monkeypatch.setenv("QUANYU_LLM_URL", endpoint.url)
        monkeypatch.setenv("QUANYU_LLM_MODEL", "qwen-test")
        told = generate("article", "--provider", "llm")
    assert told["provider"] == "qwen-test"
    assert told["pieces"][0]["piece"]["author"] == "qwen-test"


def test_a_model_that_goes_away_keeps_what_was_made(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(writes("说说高山乌龙茶", TIP), answers(401)) as endpoint:
        monkeypatch.setenv("QUANYU_LLM_URL", endpoint.url)
        monkeypatch.setenv("QUANYU_LLM_MODEL", "qwen-test")
        told = generate("article", "--provider", "llm", "--count", "3")
    assert told["made"] == 1
    assert "401" in told["stopped"]


def test_proofs_lie_beside_the_brief_and_nowhere_else(tmp_path: Path) -> None:
    inside, outside = tmp_path / "briefs", tmp_path / "secret.pdf"
    inside.mkdir()
    (inside / "a.pdf").write_bytes(b"proof")
    outside.write_bytes(b"secret")
    assert proof_in(inside, "a.pdf") == b"proof"
    assert proof_in(inside, "b.pdf") is None
    assert proof_in(inside, "../secret.pdf") is None
    assert proof_in(inside, str(outside)) is None
    assert proof_in(inside, ".") is None


def test_a_compared_price_is_said_with_its_proof_and_not_without(tmp_path: Path) -> None:
    proof = b"price list of the maker"
    claim = {"text": "厂商建议零售价99元", "source": "厂商价目表", "file": "list.pdf",
             "sha256": hashlib.sha256(proof).hexdigest()}  # fmt: skip
    tea = TEA | {"reference_fen": 9_900, "reference_basis": "厂商建议零售价", "claims": [claim]}
    path = tmp_path / "brief.json"
    path.write_text(json.dumps(document(tea)))
    without = answer("generate", "article", "--brief", str(path))["pieces"][0]
    assert "99元" not in json.dumps(without["piece"], ensure_ascii=False)
    assert without["changes"][0]["field"] == "brief.items[0].reference_fen"
    (tmp_path / "list.pdf").write_bytes(proof)
    proved = answer("generate", "article", "--brief", str(path))["pieces"][0]
    assert "厂商建议零售价" in json.dumps(proved["piece"], ensure_ascii=False)
    assert proved["changes"] == []


def test_a_page_is_scored_with_its_next_step() -> None:
    told = answer("improve", "item", "--page", str(PAGES / "walnuts_item.json"))
    assert told["blocked"]
    assert told["next"][0] == "law"
    assert 0 < told["score"] < 100
    result = run("improve", "poi", "--page", str(PAGES / "hotpot_poi.json"))
    for word in ("门店页", "█", "到店优惠", "+7.0 分", "权重是经验值"):
        assert word in result.stdout


def test_weights_of_ones_own_are_read(tmp_path: Path) -> None:
    weights = tmp_path / "weights.json"
    weights.write_text('{"photos": 90}')
    page = str(PAGES / "hotpot_poi.json")
    told = answer("improve", "poi", "--page", page, "--weights", str(weights))
    assert next(one for one in told["criteria"] if one["id"] == "photos")["weight"] == 90
    weights.write_text('{"beauty": 9}')
    assert refused("improve", "poi", "--page", page, "--weights", str(weights)).field == (
        "weights.beauty"
    )


def test_a_picture_is_marked_and_inspected(tmp_path: Path) -> None:
    plain, marked = tmp_path / "plain.png", tmp_path / "marked.png"
    buffer = io.BytesIO()
    Image.new("RGB", (320, 240), "white").save(buffer, "PNG")
    plain.write_bytes(buffer.getvalue())
    assert answer("inspect", str(plain))["AIGC"] is None
    told = answer("mark", str(plain), "--out", str(marked), "--id", "pic-1", "--merchant", "tea")
    assert told["AIGC"]["ContentProducer"] == "tea"
    assert answer("inspect", str(marked))["AIGC"] == told["AIGC"]
    assert "生成编号" in run("inspect", str(marked)).stdout
    again = answer("mark", str(marked), "--out", str(marked), "--id", "p-2", "--merchant", "shop")
    assert again["AIGC"]["ContentProducer"] == "tea"
    assert again["AIGC"]["ContentPropagator"] == "shop"
