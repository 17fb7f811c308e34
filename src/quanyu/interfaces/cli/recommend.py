"""``quanyu recommend``: learn what goes with what, and measure how good it is."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer
from rich.progress import Progress

from quanyu.clock import format_iso
from quanyu.errors import BadInput
from quanyu.interfaces.cli.output import console, print_json, progress, table
from quanyu.interfaces.cli.session import JsonOption, MerchantOption, merchant, open_session

if TYPE_CHECKING:
    from quanyu.decisions.recall.ease import Told
    from quanyu.decisions.recall.evaluation import Figure, Split

app = typer.Typer(help="推荐：学习、评估。", no_args_is_help=True)
METHODS = {
    "popular": "热门",
    "ease": "EASE",
    "covisit": "同日共现",
    "union": "EASE ∪ 共现",
    "recall": "整体召回",
}
K = 20
MEASURES = (f"recall@{K}", f"ndcg@{K}", f"hit_rate@{K}", "diversity", "novelty", "coverage")


@app.command()
def fit(shop: MerchantOption = None, as_json: JsonOption = False) -> None:
    """Learn from the lake what goes with what, and save it below the data directory."""
    with open_session() as engine, progress(as_json) as shown:
        whose = merchant(shop, engine)
        index = engine.fit_recall(whose, _told(shown))
    learned = index.learned
    assert learned is not None, "just fitted"
    found = {
        "merchant": whose,
        "items": len(index.goods),
        "interactions": learned.interactions,
        "with_neighbours": _with_neighbours(learned.similar),
        "stores": 0 if index.places is None else len(index.places),
        "contents": 0 if index.contents is None else len(index.contents),
        "fitted": format_iso(learned.fitted_us),
    }
    if as_json:
        print_json(found)
        return
    rows = table("推荐索引", "项", "数", right=(1,))
    names = ("商品", "行为", "有相似商品的", "门店", "内容")
    for name, value in zip(names, list(found.values())[1:6], strict=True):
        rows.add_row(name, f"{value:,}")
    console.print(rows)


@app.command()
def evaluate(
    file: Annotated[
        Path | None, typer.Argument(help="user,item,category,pv|fav|cart|buy,second; .gz too.")
    ] = None,
    shop: MerchantOption = None,
    split: Annotated[float, typer.Option(help="Share of the deeds that teaches.")] = 0.8,
    lambda_: Annotated[
        float | None, typer.Option("--lambda", help="Regularisation of EASE; 200 of a crowd.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Learn from what came first, measure on what came later: recall, ndcg, hit rate, coverage,
    diversity, novelty at 20, with 95 % intervals."""
    from quanyu.decisions.recall.evaluation import evaluated
    from quanyu.decisions.recall.recommenders import recommenders

    if (file is None) == (shop is None):
        raise BadInput("FILE", "name a file, or --merchant for what is in the lake")
    cut = _of_file(file, share=split) if file else _of_lake(shop, share=split)
    with progress(as_json) as shown:
        ours = recommenders(cut, k=K, lambda_=lambda_, told=_told(shown))
    found = evaluated(cut, ours, k=K)
    if as_json:
        print_json(_form(cut, found))
        return
    show(cut, found)


def show(cut: "Split", found: "dict[str, dict[str, Figure]]") -> None:
    """A row a method; the interval of the first measure beside it."""
    title = f"{len(cut.cases):,} 人，{len(cut.before):,} 条行为学习，{cut.size:,} 件商品"
    headings = ("方法", "召回率", "95 % 区间", "NDCG", "命中比", "多样性", "新颖性", "覆盖率")
    rows = table(title, *headings, right=tuple(range(1, len(headings))))
    for name, figures in found.items():
        first, *others = (figures[measure] for measure in MEASURES)
        between = f"{first.low:.3f}–{first.high:.3f}"
        rest = (f"{one.value:.3f}" for one in others)
        rows.add_row(METHODS[name], f"{first.value:.3f}", between, *rest)
    console.print(rows)


def _form(cut: "Split", found: "dict[str, dict[str, Figure]]") -> dict[str, Any]:
    methods = [
        {"method": name, **{one: msgspec.to_builtins(f) for one, f in figures.items()}}
        for name, figures in found.items()
    ]
    return {"people": len(cut.cases), "learned_from": len(cut.before), "items": cut.size,
            "methods": methods}  # fmt: skip


def _of_file(file: Path, *, share: float) -> "Split":
    from quanyu.decisions.recall.behaviour import read_behaviour
    from quanyu.decisions.recall.evaluation import split_in_time
    from quanyu.touchpoints.importing import opened

    with opened(file) as (lines, _):
        found = read_behaviour(lines)
    return split_in_time(found.interactions, found.category.codes, share=share)


def _of_lake(shop: str | None, *, share: float) -> "Split":
    from quanyu.decisions.recall.evaluation import split_in_time

    with open_session() as engine:
        whose = merchant(shop, engine)
        index = engine.renew_recall(whose)
        if not len(index.goods):
            raise BadInput("merchant", "nothing is on sale; `quanyu item import` lists items")
        found = engine.recall_interactions(whose)
    if not len(found):
        raise BadInput("merchant", "nobody has looked at an item that is on sale")
    return split_in_time(found, index.goods.category.codes, share=share)


def _told(shown: Progress) -> "Told":
    task = shown.add_task("学习推荐", total=None)
    return lambda done, of: shown.update(task, completed=done, total=of)


def _with_neighbours(similar: Any) -> int:
    import numpy as np

    both = np.diff(similar.ease.starts) + np.diff(similar.covisit.starts)
    return int(np.count_nonzero(both))
