"""The index grows, is learned anew, is saved and comes back, or is refused."""

import json
import os
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from tests.recall_ground import (
    CONTENTS,
    NOW_US,
    PEOPLE_SQUARE,
    campers,
    deeds,
    full_index,
    good,
    ids,
    moment,
    shelf,
    stores,
    taste,
)

from quanyu.clock import DAY_US
from quanyu.decisions.asking import Point
from quanyu.decisions.goods import Goods
from quanyu.decisions.recall.index import Catalogue, RecallIndex, Refresher, empty_index
from quanyu.decisions.recall.interactions import Interactions
from quanyu.decisions.recall.recalling import recall
from quanyu.decisions.recall.saving import CURRENT, MANIFEST, Damaged, load, save
from quanyu.decisions.recall.words import shipped_words
from quanyu.decisions.taste import NOBODY
from quanyu.errors import BadInput

SYNONYMS = shipped_words().synonyms
HERE = Point(*PEOPLE_SQUARE)
MOMENTS = (
    moment(),
    moment("露营", here=HERE),
    moment("zhangpeng", words=("电竞", "办公")),
    moment(route=(HERE, Point(31.24, 121.49)), basket=("tent",)),
)


def answers(index: RecallIndex) -> list[tuple[list[str], list[int], list[list[float]]]]:
    made = []
    for asked in MOMENTS:
        for did in (NOBODY, taste("tent", "mouse")):
            found = recall(index, asked, taste=did)
            rows = ids(index.goods, found.rows)
            made.append((rows, found.sources.tolist(), found.scores.tolist()))
    return made


def listed(*more: str, without: str = "") -> Catalogue:
    goods = shelf(*[good(id, f"{id} 新品", since_us=NOW_US) for id in more])
    kept = [
        good(id, goods.titles[row], goods.shop.at(row), goods.category.at(row),
             since_us=int(goods.since_us[row]))
        for row, id in enumerate(goods.ids) if id != without
    ]  # fmt: skip
    return Catalogue(goods=Goods.of(kept), places=stores(), contents=CONTENTS)


def test_new_items_are_found_at_once_and_nothing_learned_is_lost() -> None:
    held = Refresher(full_index())
    fitted_us = held.current.learned.fitted_us  # type: ignore[union-attr]
    held.renew(listed("kite"), now_us=NOW_US + DAY_US)
    index = held.current
    assert "kite" in ids(index.goods, index.search.find(("kite",)).rows)
    assert "kite" in ids(index.goods, index.fresh.at(NOW_US + DAY_US)[0])
    assert "kite" in ids(index.goods, index.scenes.match(("kite",))[0])
    assert index.built_us == NOW_US + DAY_US
    assert index.learned is not None
    assert index.learned.fitted_us == fitted_us
    assert "lamp" in ids(index.goods, recall(index, moment(), taste=taste("tent")).rows)


@pytest.mark.parametrize("gone", ["tent", "thinkbook", "lamp"])
def test_what_is_gone_is_nowhere_and_rows_move_with_their_ids(gone: str) -> None:
    held = Refresher(full_index())
    index = held.renew(listed(without=gone), now_us=NOW_US)
    for asked in MOMENTS:
        found = recall(index, asked, taste=taste("tent", "rog"))
        assert gone not in ids(index.goods, found.rows)
    if gone == "thinkbook":
        assert "lamp" in ids(index.goods, recall(index, moment(), taste=taste("tent")).rows)


def test_the_same_catalogue_again_answers_the_same() -> None:
    held = Refresher(full_index())
    before = answers(held.current)
    search = held.current.search
    renewed = held.renew(held.current.catalogue, now_us=NOW_US + 1)
    assert renewed.search is search, "nothing is made anew that reads alike"
    assert answers(renewed) == before
    assert renewed.built_us == NOW_US + 1


def test_moved_and_built_at_once_agree() -> None:
    """Learned over the old rows and moved, or learned over the new ones: the same answers."""
    goods = listed("kite", without="phone").goods
    moved = Refresher(full_index()).renew(listed("kite", without="phone"), now_us=NOW_US)
    fresh = full_index(goods)
    for asked in MOMENTS:
        one = recall(moved, asked, taste=taste("tent"))
        other = recall(fresh, asked, taste=taste("tent"))
        assert set(one.rows.tolist()) == set(other.rows.tolist())


def test_refit_learns_and_knows_when_and_from_how_many() -> None:
    held = Refresher(RecallIndex.of(listed(), SYNONYMS, now_us=NOW_US))
    assert held.current.learned is None
    held.refit(campers(held.current.goods), now_us=NOW_US + 5)
    learned = held.current.learned
    assert learned is not None
    assert (learned.fitted_us, learned.interactions) == (NOW_US + 5, 36)


def test_a_fit_that_fails_leaves_the_old_one() -> None:
    held = Refresher(full_index())
    before = held.current
    wrong = deeds((1, 0, "view", 5))
    broken = Interactions.of(
        wrong.person, np.array([10**6], np.int32), kind=wrong.kind, at_us=wrong.at_us
    )  # fmt: skip
    with pytest.raises((IndexError, ValueError, BadInput)):
        held.refit(broken, now_us=NOW_US)
    assert held.current is before
    held.renew(listed("kite"), now_us=NOW_US)
    assert held.current is not before, "and the next one can be built"


def test_who_asks_meanwhile_gets_one_whole_index() -> None:
    held = Refresher(full_index())
    wrong: list[str] = []

    def ask() -> None:
        for _ in range(200):
            index = held.current
            names = ids(index.goods, recall(index, moment("新品"), taste=taste("tent")).rows)
            if ("kite" in index.goods.row_of) != ("kite" in names):
                wrong.append("half an index")

    asker = Thread(target=ask)
    asker.start()
    for turn in range(6):
        held.renew(listed(*(["kite"] if turn % 2 else [])), now_us=NOW_US)
    asker.join()
    assert wrong == []


def test_saved_and_loaded_answers_the_same(tmp_path: Path) -> None:
    index = full_index()
    save(index, tmp_path)
    found = load(tmp_path, SYNONYMS)
    assert found is not None
    assert answers(found) == answers(index)
    assert found.goods.ids == index.goods.ids
    assert found.goods.words == index.goods.words
    assert (found.built_us, found.contents.listed) == (index.built_us, CONTENTS)  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "index", [empty_index(SYNONYMS), RecallIndex.of(listed(), SYNONYMS, now_us=9)]
)
def test_what_has_learned_nothing_is_saved_too(index: RecallIndex, tmp_path: Path) -> None:
    save(index, tmp_path)
    found = load(tmp_path, SYNONYMS)
    assert found is not None
    assert found.learned is None
    assert answers(found) == answers(index)


def test_odd_texts_come_back(tmp_path: Path) -> None:
    odd = ('a,b\n"c"', "😀é", "", "\ud800")
    goods = Goods.of(good(f"id{n}", title, title or "s") for n, title in enumerate(odd))
    save(RecallIndex.of(Catalogue(goods=goods), SYNONYMS, now_us=1), tmp_path)
    found = load(tmp_path, SYNONYMS)
    assert found is not None
    assert found.goods.titles == odd
    assert [found.goods.shop.at(row) for row in range(4)] == [title or "s" for title in odd]
    assert found.places is None
    assert found.contents is None


def test_nothing_saved_is_nothing_loaded(tmp_path: Path) -> None:
    assert load(tmp_path / "never", SYNONYMS) is None


def test_only_the_newest_stays(tmp_path: Path) -> None:
    for _ in range(3):
        save(full_index(), tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    assert (tmp_path / CURRENT).read_text() in os.listdir(tmp_path)


def test_what_a_killed_save_left_does_not_matter(tmp_path: Path) -> None:
    save(full_index(), tmp_path)
    draft = tmp_path / "123-dead.tmp"
    draft.mkdir()
    (draft / "ids.npy").write_bytes(b"half")
    assert load(tmp_path, SYNONYMS) is not None
    save(full_index(), tmp_path)
    assert not draft.exists()


def test_a_full_disk_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from quanyu.decisions.recall import saving

    first = save(full_index(), tmp_path)

    def full(path: Path, body: bytes) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(saving, "_write", full)
    with pytest.raises(OSError, match="No space"):
        save(full_index(), tmp_path)
    assert sorted(one.name for one in tmp_path.iterdir()) == sorted([first.name, CURRENT])
    assert load(tmp_path, SYNONYMS) is not None


def files(directory: Path) -> list[str]:
    return sorted(one.name for one in directory.iterdir())


def broken(how: str, directory: Path) -> None:
    file = directory / ("ease_scores.npy" if how != "manifest" else MANIFEST)
    body = bytearray(file.read_bytes())
    if how == "a bit":
        body[-1] ^= 1
    elif how == "cut off":
        body = body[: len(body) // 2]
    elif how == "manifest":
        body = bytearray(b"{")
    file.write_bytes(body)
    if how == "gone":
        file.unlink()


@pytest.mark.parametrize("how", ["a bit", "cut off", "gone", "manifest"])
def test_a_damaged_one_is_refused(how: str, tmp_path: Path) -> None:
    broken(how, save(full_index(), tmp_path))
    with pytest.raises(Damaged, match="quanyu recommend fit"):
        load(tmp_path, SYNONYMS)


def test_every_file_is_looked_at(tmp_path: Path) -> None:
    saved = save(full_index(), tmp_path)
    for name in files(saved):
        body = (saved / name).read_bytes()
        (saved / name).write_bytes(body[:-1] + bytes([body[-1] ^ 255]))
        with pytest.raises(Damaged):
            load(tmp_path, SYNONYMS)
        (saved / name).write_bytes(body)
    assert load(tmp_path, SYNONYMS) is not None


def test_a_pickle_in_its_place_is_not_opened(tmp_path: Path) -> None:
    from hashlib import sha256

    saved = save(full_index(), tmp_path)
    np.save(saved / "price_fen.npy", np.array([object()], object), allow_pickle=True)
    manifest = json.loads((saved / MANIFEST).read_bytes())
    body = (saved / "price_fen.npy").read_bytes()
    manifest["files"]["price_fen.npy"] = sha256(body).hexdigest()
    (saved / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(Damaged, match="allow_pickle"):
        load(tmp_path, SYNONYMS)


def test_another_form_is_told(tmp_path: Path) -> None:
    saved = save(full_index(), tmp_path)
    manifest = json.loads((saved / MANIFEST).read_bytes()) | {"form": 99}
    (saved / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(Damaged, match="form 99"):
        load(tmp_path, SYNONYMS)


def test_a_pointer_to_nowhere_is_damage(tmp_path: Path) -> None:
    save(full_index(), tmp_path)
    (tmp_path / CURRENT).write_text("gone")
    with pytest.raises(Damaged):
        load(tmp_path, SYNONYMS)


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    saved = save(full_index(), tmp_path / "own")
    assert saved.stat().st_mode & 0o077 == 0
    assert all(one.stat().st_mode & 0o077 == 0 for one in saved.iterdir())
