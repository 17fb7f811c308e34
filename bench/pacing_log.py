"""Logs of auctions for the replay: read strictly from a file, or made up with known truth."""

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from quanyu.decisions.pacing.curve import TICKS_A_DAY, DayCurve
from quanyu.errors import BadInput

Column = npt.NDArray[np.float64]
COLUMNS = ("click", "price", "pctr")
NAMES = {
    "click": "click", "clk": "click", "clicked": "click",
    "price": "price", "market_price": "price", "winning_price": "price", "payprice": "price",
    "mp": "price",
    "pctr": "pctr", "ctr": "pctr", "p_ctr": "pctr", "predicted_ctr": "pctr",
    "second": "second",
}  # fmt: skip
PRICE_MAX = 1e9
DAY_S = 86_400
SPREAD = 0.9
"""Of true click rates, on the log scale."""


@dataclass(frozen=True, slots=True)
class Log:
    """In order of time; ``second`` of the day where it is known."""

    click: Column
    price: Column
    pctr: Column
    second: Column | None = None

    def __len__(self) -> int:
        return len(self.click)


def read_log(path: str, *, option: str = "--log") -> Log:
    """Columns click (0 or 1), market price (of an impression, ≥ 0), pctr (0 to 1) in this order, as
    in logs made of iPinYou, split by commas, tabs or blanks; or in any order under a header, which
    may name ``second`` (of the day) as well. ``.gz`` is read as such. Raises BadInput with the
    line."""
    rows, names = [], list(COLUMNS)
    for number, parts in _lines(path, option):
        if number == 1 and not _is_number(parts[0]):
            names = _header(parts, option)
        elif parts != [""]:
            rows.append(_row(parts, names=names, place=f"{option} line {number}"))
    if not rows:
        raise BadInput(option, "holds no auction")
    table = np.array(rows, np.float64).T
    found = dict(zip(names, table, strict=True))
    second = found.get("second")
    if second is not None and (np.diff(second) < 0).any():
        row = int((np.diff(second) < 0).argmax()) + 2
        raise BadInput(
            f"{option}, auction {row}", "sort by second: this one is earlier than the last"
        )
    return Log(found["click"], found["price"], found["pctr"], second)


def _lines(path: str, option: str) -> Iterator[tuple[int, list[str]]]:
    opened = gzip.open if path.endswith(".gz") else open
    try:
        with opened(Path(path), "rt", encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                text = line.strip()
                splitter = "," if "," in text else None
                yield number, [part.strip() for part in text.split(splitter)] or [""]
    except OSError as error:
        raise BadInput(option, f"cannot be read: {error.strerror or error}") from None
    except (UnicodeDecodeError, EOFError) as error:
        raise BadInput(option, f"is no text: {error}") from None


def _header(parts: list[str], option: str) -> list[str]:
    names = [NAMES.get(part.lower().strip('"'), "") for part in parts]
    if "" in names or len(set(names)) < len(names) or not set(COLUMNS) <= set(names):
        raise BadInput(f"{option} line 1", f"name the columns {', '.join(COLUMNS)} and no others")
    return names


def _row(parts: list[str], *, names: list[str], place: str) -> list[float]:
    if len(parts) != len(names):
        raise BadInput(place, f"give {len(names)} columns: {', '.join(names)}")
    found = []
    for name, part in zip(names, parts, strict=True):
        value = float(part) if _is_number(part) else float("nan")
        if not 0 <= value <= {"price": PRICE_MAX, "second": DAY_S}.get(name, 1):
            raise BadInput(place, f"{name} cannot be {part[:40]!r}")
        if name == "click" and value not in (0, 1):
            raise BadInput(place, f"click is 0 or 1, not {part[:40]!r}")
        found.append(value)
    return found


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text


def made_up(*, seed: int, day: int, auctions: int = 150_000, miscalibrated: bool = False) -> Log:
    """A day of one campaign. Click rates are lognormal around 0.4 %, and pctr is what a good model
    knows of them: E[click | pctr] = pctr, unless ``miscalibrated`` (over-confident and too high).
    Prices follow the hour and, weakly, the worth of the impression; the second day is 30 % dearer
    in the evening and cheaper in the morning. Traffic follows its own curve, not the one that the
    product begins with."""
    chance = np.random.default_rng([seed, day])
    second = np.sort(_seconds(auctions, chance))
    hour = second / 3600
    known = chance.normal(0, SPREAD, auctions)
    unknown = chance.normal(0, 0.5, auctions)
    mean = np.exp((SPREAD**2 + 0.5**2) / 2)
    rate = np.minimum(0.5, 0.004 / mean * np.exp(known + unknown))
    pctr = np.minimum(0.5, 0.004 / mean * np.exp(known + 0.5**2 / 2))
    if miscalibrated:
        pctr = np.minimum(1.0, 1.7 * 0.004 * (pctr / 0.004) ** 1.3)
    level = 60 * (1 + 0.5 * np.sin((hour - 13) / 24 * 2 * np.pi))
    if day > 1:
        level = level * np.where(hour >= 18, 1.3, np.where(hour < 12, 0.8, 1.0))
    price = level * np.exp(0.25 * known + chance.normal(0, 0.7, auctions))
    click = (chance.random(auctions) < rate).astype(np.float64)
    return Log(click, np.clip(np.rint(price), 1, 300), pctr, second)


def _seconds(auctions: int, chance: np.random.Generator) -> Column:
    """Two peaks, at noon and at nine in the evening, over a base of the typical curve."""
    base = DayCurve.typical().share
    tick = chance.choice(TICKS_A_DAY, size=auctions, p=base)
    drawn = (tick + chance.random(auctions)) * (DAY_S / TICKS_A_DAY)
    peak = chance.random(auctions)
    drawn = np.where(peak < 0.15, chance.normal(12.5, 0.8, auctions) * 3600, drawn)
    return np.where(peak > 0.8, np.minimum(chance.normal(21, 1.2, auctions), 23.99) * 3600, drawn)
