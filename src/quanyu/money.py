"""Money is integer fen (分); a float never holds an amount."""

from decimal import Decimal, InvalidOperation

FEN_MAX = 10**15
"""Largest amount accepted anywhere: ten trillion yuan, far inside 64 bits."""


def parse_yuan(text: str) -> int:
    """``"12.30"`` → 1230 fen. Raises ValueError for anything finer than a fen or not a number."""
    try:
        fen = Decimal(text) * 100
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not an amount in yuan") from error
    if not fen.is_finite() or fen != fen.to_integral_value() or abs(fen) > FEN_MAX:
        raise ValueError(f"{text!r} is not an amount in whole fen")
    return int(fen)


def format_yuan(amount_fen: int) -> str:
    """1230 → ``"¥12.30"``."""
    sign = "-" if amount_fen < 0 else ""
    yuan, fen = divmod(abs(amount_fen), 100)
    return f"{sign}¥{yuan:,}.{fen:02d}"
