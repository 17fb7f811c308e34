"""The offline pass: what a till needs to judge a coupon alone, signed by the server.

    QY2.<payload>.<signature>     both in base64url without padding

The payload is MessagePack, the signature Ed25519 under a key of the merchant. A till holds the
public half, so a stolen till reads passes and makes none.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from quanyu.clock import HOUR_US
from quanyu.customers.identity.anchors import Identifier
from quanyu.ids import derive_key
from quanyu.promotions.coupons.coupon import Coupon
from quanyu.promotions.offers.terms import Template

PASS_US_DEFAULT = 4 * HOUR_US
PASS_US_MAX = 12 * HOUR_US
TEXT_MAX = 2048
_PURPOSE = b"QY2\0pass\0"
_TEXT = re.compile(r"QY2\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})")


class Pass(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    merchant: str
    serial: bytes
    """The id of the coupon without its prefix."""
    template: Template
    """Of this one piece."""
    issued_us: int
    ends_us: int
    """The till takes it before; hours after ``issued_us`` and not after the coupon's own end."""
    mark: bytes
    """Stands for the holder of that moment; only the server can tell who it is."""
    nonce: bytes

    @property
    def coupon(self) -> str:
        return f"c_{self.serial.hex()}"

    @property
    def offer(self) -> str:
        return str(self.template.terms["id"])


_decode = msgspec.msgpack.Decoder(Pass).decode


def pass_of(
    merchant: str, coupon: Coupon, *, template: Template, times: tuple[int, int], nonce: bytes
) -> Pass:
    """``times``: issued, ends. The coupon has a holder."""
    assert coupon.holder is not None, "a pass is made for the holder"
    ends_us = min(times[1], coupon.expires_us)
    serial = bytes.fromhex(coupon.id.removeprefix("c_"))
    mark = mark_of(coupon.id, coupon.holder)
    return Pass(merchant, serial, template.for_tills, times[0], ends_us, mark, nonce)


def mark_of(coupon: str, holder: Identifier) -> bytes:
    """The token is keyed, so this says nothing to who has no key; another coupon, another mark."""
    kind, token = holder
    return sha256(b"\0".join((coupon.encode(), kind.encode(), token))).digest()[:8]


def sealed(made: Pass, key: Ed25519PrivateKey) -> str:
    payload = msgspec.msgpack.encode(made)
    return f"QY2.{in_text(payload)}.{in_text(key.sign(_PURPOSE + payload))}"


def opened(text: str, key: Ed25519PublicKey) -> Pass | None:
    """None for what this key has not signed, to the last bit of the spelling."""
    found = _TEXT.fullmatch(text) if len(text) <= TEXT_MAX else None
    payload, signature = (from_text(part) for part in found.groups()) if found else (None, None)
    if (
        payload is None
        or signature is None
        or not signed(key, _PURPOSE + payload, signature=signature)
    ):
        return None
    return _decode(payload)


def signed(key: Ed25519PublicKey, message: bytes, *, signature: bytes) -> bool:
    try:
        key.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def in_text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def from_text(text: str) -> bytes | None:
    """None for a spelling that ``in_text`` does not give: spare bits must be zero."""
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    return data if in_text(data) == text else None


@dataclass(frozen=True, slots=True)
class Keys:
    """Of one installation, all from its master key: none of them is stored."""

    master_key: bytes

    def of_merchant(self, merchant: str) -> Ed25519PrivateKey:
        """Signs passes."""
        return self._key("coupon.pass", merchant)

    def of_device(self, merchant: str, device: str) -> Ed25519PrivateKey:
        """Signs what a till has taken; the till has it too."""
        return self._key("coupon.device", merchant, device)

    def _key(self, *context: str) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(derive_key(self.master_key, *context))
