"""The index as a directory: numpy files and a manifest with their hashes. Nothing is pickled.

What is saved is written beside what is there, synced, and named last; a directory that is there is
whole, or was damaged later, which the hashes show. Search, scenes and fresh are made again from the
goods: that is quicker than it is to explain.
"""

import os
import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from quanyu.decisions.goods import Column, Goods
from quanyu.decisions.recall.best import Found
from quanyu.decisions.recall.geo import Place, Places
from quanyu.decisions.recall.index import Catalogue, RecallIndex
from quanyu.decisions.recall.learned import Learned
from quanyu.decisions.recall.neighbours import Neighbours
from quanyu.decisions.recall.popular import Popular
from quanyu.decisions.recall.scenes import Content
from quanyu.decisions.recall.similar import Similar
from quanyu.decisions.recall.words import Synonyms
from quanyu.errors import QuanyuError

FORM = 1
MANIFEST = "manifest.json"
CURRENT = "current"
Array = npt.NDArray[Any]
Arrays = dict[str, Array]


class Damaged(QuanyuError):
    """The saved recall index cannot be used; `quanyu recommend fit` makes a new one:"""


class Popularity(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One level, its rows in the file of all levels."""

    name: str
    band: int | None
    """None: the name is that of a category."""
    size: int


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    form: int
    built_us: int
    files: dict[str, str]
    """Name → SHA-256."""
    fitted_us: int | None = None
    """None: nothing was learned."""
    interactions: int = 0
    popular: tuple[Popularity, ...] = ()
    places: tuple[Place, ...] | None = None
    contents: tuple[Content, ...] | None = None


def save(index: RecallIndex, directory: Path) -> Path:
    """A version of its own below ``directory``, then the one that counts; older ones go."""
    arrays = _goods_arrays(index.goods) | _learned_arrays(index.learned)
    bodies = {f"{name}.npy": _body(array) for name, array in arrays.items()}
    hashes = {name: sha256(body).hexdigest() for name, body in bodies.items()}
    bodies[MANIFEST] = msgspec.json.encode(_manifest(index, hashes))
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{index.built_us}-{secrets.token_hex(4)}"
    draft = directory / f"{name}.tmp"
    draft.mkdir(mode=0o700)
    try:
        for file, body in bodies.items():
            _write(draft / file, body)
        draft.rename(directory / name)
    except BaseException:
        shutil.rmtree(draft, ignore_errors=True)
        raise
    pointer = directory / f"{CURRENT}.{secrets.token_hex(4)}"
    _write(pointer, name.encode())
    pointer.replace(directory / CURRENT)
    _remove_others(directory, name)
    return directory / name


def load(directory: Path, synonyms: Synonyms) -> RecallIndex | None:
    """None where nothing was saved. Raises Damaged."""
    if not (directory / CURRENT).exists():
        return None
    try:
        found = directory / (directory / CURRENT).read_text()
        manifest = msgspec.json.decode((found / MANIFEST).read_bytes(), type=Manifest)
        if manifest.form != FORM:
            raise Damaged(f"it has form {manifest.form}, this is form {FORM}")
        arrays = {name.removesuffix(".npy"): _array(found / name, told)
                  for name, told in manifest.files.items()}  # fmt: skip
        return _index(arrays, manifest, synonyms=synonyms)
    except (OSError, ValueError, LookupError, AssertionError, msgspec.MsgspecError) as error:
        raise Damaged(f"{directory.name}: {error}") from error


def _index(arrays: Arrays, manifest: Manifest, *, synonyms: Synonyms) -> RecallIndex:
    places = None if manifest.places is None else Places.of(manifest.places)
    goods = _goods(arrays)
    catalogue = Catalogue(goods=goods, places=places, contents=manifest.contents)
    learned = None
    if manifest.fitted_us is not None:
        similar = Similar(_neighbours(arrays, "ease", goods), _neighbours(arrays, "pairs", goods))
        popular = _popular(arrays, manifest.popular)
        learned = Learned(similar, popular, manifest.fitted_us, manifest.interactions)
    return RecallIndex.of(catalogue, synonyms, now_us=manifest.built_us, learned=learned)


def _manifest(index: RecallIndex, hashes: Mapping[str, str]) -> Manifest:
    learned = index.learned
    listed = None if learned is None else tuple(
        Popularity(name, band, len(rows)) for (name, band), (rows, _) in _levels(learned.popular)
    )  # fmt: skip
    return Manifest(
        form=FORM,
        built_us=index.built_us,
        files=dict(hashes),
        fitted_us=None if learned is None else learned.fitted_us,
        interactions=0 if learned is None else learned.interactions,
        popular=listed or (),
        places=None if index.places is None else index.places.listed,
        contents=index.catalogue.contents,
    )


def _levels(popular: Popular) -> list[tuple[tuple[str, int | None], Found]]:
    levels: list[tuple[tuple[str, int | None], Found]] = [
        (level, found) for level, found in popular.levels.items()
    ]
    return levels + [((name, None), found) for name, found in popular.of_category.items()]


def _goods_arrays(goods: Goods) -> Arrays:
    vocabulary: dict[str, int] = {}
    flat = [vocabulary.setdefault(word, len(vocabulary)) for word in chain(*goods.words)]
    return {
        **_texts("ids", goods.ids),
        **_texts("titles", goods.titles),
        **_texts("vocabulary", tuple(vocabulary)),
        **_texts("shops", goods.shop.names),
        **_texts("categories", goods.category.names),
        "words": np.array(flat, np.int32),
        "word_counts": np.fromiter(map(len, goods.words), np.int32, len(goods)),
        "shop": goods.shop.codes,
        "category": goods.category.codes,
        "price_fen": goods.price_fen,
        "since_us": goods.since_us,
    }


def _goods(arrays: Arrays) -> Goods:
    vocabulary = _read_texts(arrays, "vocabulary")
    words = [vocabulary[code] for code in arrays["words"].tolist()]
    ends = np.cumsum(arrays["word_counts"]).tolist()
    ids = _read_texts(arrays, "ids")
    return Goods(
        ids=ids,
        row_of={id: row for row, id in enumerate(ids)},
        titles=_read_texts(arrays, "titles"),
        words=tuple(tuple(words[a:b]) for a, b in zip([0, *ends], ends, strict=False)),
        shop=Column(_read_texts(arrays, "shops"), arrays["shop"]),
        category=Column(_read_texts(arrays, "categories"), arrays["category"]),
        price_fen=arrays["price_fen"],
        since_us=arrays["since_us"],
    )


def _learned_arrays(learned: Learned | None) -> Arrays:
    if learned is None:
        return {}
    levels = [found for _, found in _levels(learned.popular)]
    arrays: Arrays = {
        "popular_rows": np.concatenate([np.empty(0, np.int32), *(rows for rows, _ in levels)]),
        "popular_scores": np.concatenate([np.empty(0, np.float32), *(one for _, one in levels)]),
    }
    for name, one in (("ease", learned.similar.ease), ("pairs", learned.similar.covisit)):
        arrays |= {f"{name}_starts": one.starts, f"{name}_rows": one.rows,
                   f"{name}_scores": one.scores}  # fmt: skip
    return arrays


def _neighbours(arrays: Arrays, name: str, goods: Goods) -> Neighbours:
    found = Neighbours(*(arrays[f"{name}_{part}"] for part in ("starts", "rows", "scores")))
    assert len(found) == len(goods), f"{name} is of other goods"
    return found


def _popular(arrays: Arrays, listed: Iterable[Popularity]) -> Popular:
    popular, begun = Popular({}, {}), 0
    for one in listed:
        span = slice(begun, begun + one.size)
        found = arrays["popular_rows"][span], arrays["popular_scores"][span]
        begun += one.size
        if one.band is None:
            popular.of_category[one.name] = found
        else:
            popular.levels[one.name, one.band] = found
    return popular


def _texts(name: str, texts: Sequence[str]) -> Arrays:
    bodies = [text.encode("utf-8", "surrogatepass") for text in texts]
    sizes = np.fromiter(map(len, bodies), np.int32, len(bodies))
    return {name: np.frombuffer(b"".join(bodies), np.uint8), f"{name}_sizes": sizes}


def _read_texts(arrays: Arrays, name: str) -> tuple[str, ...]:
    body = arrays[name].tobytes()
    ends = np.cumsum(arrays[f"{name}_sizes"], dtype=np.int64).tolist()
    return tuple(
        body[a:b].decode("utf-8", "surrogatepass") for a, b in zip([0, *ends], ends, strict=False)
    )


def _body(array: Array) -> bytes:
    buffer = BytesIO()
    np.save(buffer, array, allow_pickle=False)
    return buffer.getvalue()


def _array(path: Path, told: str) -> Array:
    body = path.read_bytes()
    if sha256(body).hexdigest() != told:
        raise ValueError(f"{path.name} is not what was saved")
    found: Array = np.load(BytesIO(body), allow_pickle=False)
    return found


def _write(path: Path, body: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def _remove_others(directory: Path, kept: str) -> None:
    for one in directory.iterdir():
        if one.name not in (kept, CURRENT):
            shutil.rmtree(one, ignore_errors=True) if one.is_dir() else one.unlink(missing_ok=True)
