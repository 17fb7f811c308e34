"""The index as a directory: numpy files and a manifest with their hashes. Nothing is pickled.

What is saved is written beside what is there, synced, and named last; a directory that is there is
whole, or was damaged later, which the hashes show. Search, scenes and fresh are made again from the
goods: that is quicker than it is to explain.
"""

import os
import secrets
import shutil
from collections.abc import Mapping
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import msgspec
import numpy as np

from quanyu.decisions.recall.arrays import (
    Array,
    Arrays,
    Popularity,
    arrays_of_goods,
    arrays_of_learned,
    goods_of,
    levels_of,
    popular_of,
    similar_of,
)
from quanyu.decisions.recall.geo import Place, Places
from quanyu.decisions.recall.index import Catalogue, RecallIndex
from quanyu.decisions.recall.learned import Learned
from quanyu.decisions.recall.scenes import Content
from quanyu.decisions.recall.words import Synonyms
from quanyu.errors import QuanyuError

FORM = 1
MANIFEST = "manifest.json"
CURRENT = "current"


class Damaged(QuanyuError):
    """The saved recall index cannot be used; `quanyu recommend fit` makes a new one:"""


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
    arrays = arrays_of_goods(index.goods) | arrays_of_learned(index.learned)
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
    goods = goods_of(arrays)
    catalogue = Catalogue(goods=goods, places=places, contents=manifest.contents)
    learned = None
    if manifest.fitted_us is not None:
        popular = popular_of(arrays, manifest.popular)
        similar = similar_of(arrays, goods)
        learned = Learned(similar, popular, manifest.fitted_us, manifest.interactions)
    return RecallIndex.of(catalogue, synonyms, now_us=manifest.built_us, learned=learned)


def _manifest(index: RecallIndex, hashes: Mapping[str, str]) -> Manifest:
    learned = index.learned
    listed = None if learned is None else tuple(
        Popularity(name, band, len(rows)) for (name, band), (rows, _) in levels_of(learned.popular)
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
