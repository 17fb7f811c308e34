"""The visible mark of a picture, “AI生成”, in strokes of our own: no font is needed for it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PIL.Image import Image

SHORT_SIDE_PERCENT = 6
"""Height of the characters; the standard asks for 5 % of the shorter side at least."""
HEIGHT_MIN = 10
SMOOTH = 4
"""Drawn so many times larger, then shrunk."""
Stroke = tuple[tuple[float, float], ...]
A: tuple[Stroke, ...] = (((0.08, 0.98), (0.5, 0.02), (0.92, 0.98)), ((0.24, 0.64), (0.76, 0.64)))
I: tuple[Stroke, ...] = (((0.5, 0.02), (0.5, 0.98)),)  # noqa: E741 — the letter
SHENG: tuple[Stroke, ...] = (
    ((0.30, 0.06), (0.24, 0.24), (0.10, 0.44)),
    ((0.24, 0.28), (0.90, 0.28)),
    ((0.17, 0.59), (0.85, 0.59)),
    ((0.05, 0.94), (0.97, 0.94)),
    ((0.53, 0.02), (0.53, 0.94)),
)
CHENG: tuple[Stroke, ...] = (
    ((0.14, 0.26), (0.93, 0.26)),
    ((0.16, 0.26), (0.15, 0.56), (0.12, 0.78), (0.04, 0.98)),
    ((0.16, 0.51), (0.44, 0.51), (0.43, 0.76), (0.39, 0.84), (0.27, 0.80)),
    ((0.54, 0.02), (0.56, 0.34), (0.64, 0.64), (0.76, 0.86), (0.90, 0.97), (0.96, 0.74)),
    ((0.85, 0.42), (0.72, 0.66), (0.50, 0.88)),
    ((0.69, 0.05), (0.82, 0.17)),
)
SIGNS: tuple[tuple[tuple[Stroke, ...], float], ...] = ((A, 0.72), (I, 0.3), (SHENG, 1), (CHENG, 1))
"""Strokes in a square of one, and the width of the sign."""
GAP = 0.12


def height_for(size: tuple[int, int]) -> int:
    return max(HEIGHT_MIN, -(-min(size) * SHORT_SIDE_PERCENT // 100))


def plate(height: int) -> "Image":
    """White signs on a dark ground, with an edge of a quarter of their height."""
    from PIL import Image, ImageDraw

    unit, edge = height * SMOOTH, height * SMOOTH // 4
    width = round(unit * (sum(wide for _, wide in SIGNS) + GAP * (len(SIGNS) - 1)))
    made = Image.new("RGBA", (width + 2 * edge, unit + 2 * edge), (0, 0, 0, 178))
    pen = ImageDraw.Draw(made)
    left = float(edge)
    for strokes, wide in SIGNS:
        for stroke in strokes:
            _draw(pen, [(left + x * wide * unit, edge + y * unit) for x, y in stroke], unit=unit)
        left += (wide + GAP) * unit
    size = (made.width // SMOOTH, made.height // SMOOTH)
    return made.resize(size, Image.Resampling.LANCZOS)


def _draw(pen: object, points: list[tuple[float, float]], *, unit: int) -> None:
    """A line of even width with round ends and corners."""
    width = max(SMOOTH, round(unit * 0.085))
    pen.line(points, fill="white", width=width, joint="curve")  # type: ignore[attr-defined]
    half = width / 2
    for x, y in points:
        spot = (x - half, y - half, x + half, y + half)
        pen.ellipse(spot, fill="white")  # type: ignore[attr-defined]


def stamped(image: "Image") -> "Image":
    """A copy with the mark in its lower right corner; ``fits`` says whether there is room."""
    mark = plate(height_for(image.size))
    made = image.convert("RGBA")
    edge = mark.height // 4
    place = (made.width - mark.width - edge, made.height - mark.height - edge)
    made.alpha_composite(mark, (max(0, place[0]), max(0, place[1])))
    return made if image.mode in ("RGBA", "LA", "P") else made.convert("RGB")


def fits(size: tuple[int, int]) -> bool:
    mark = plate(height_for(size))
    return bool(mark.width <= size[0] and mark.height <= size[1])
