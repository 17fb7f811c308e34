"""The code by which a voucher is used: whoever holds it may use it, so it is never stored."""

import hmac
from collections.abc import Callable

from quanyu.ids import derive_key

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""32 signs that nobody takes for one another when reading aloud."""
LENGTH = 16


class VoucherCodes:
    """Codes follow from the voucher's id and a key, so they can be shown again to the holder.

    A code has 80 bits; a store finds the voucher by a keyed token of it.
    """

    def __init__(self, master_key: bytes) -> None:
        self._key_of: Callable[[str], bytes] = lambda use: derive_key(master_key, "voucher", use)

    def code(self, merchant: str, voucher: str) -> str:
        text = f"{merchant}\0{voucher}".encode()
        digest = hmac.digest(self._key_of("code"), text, "sha256")
        return "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[:LENGTH])

    def token(self, merchant: str, code: str) -> bytes:
        """Of a code as somebody typed it."""
        plain = "".join(code.split()).replace("-", "").upper()
        text = f"{merchant}\0{plain}".encode()
        return hmac.digest(self._key_of("token"), text, "sha256")[:16]
