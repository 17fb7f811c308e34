"""How vouchers stand in the ledger: the buyer's money is deferred until it is used."""

from quanyu.ledger.accounts import Account
from quanyu.ledger.transfers import Transfer, transfer_id
from quanyu.promotions.parties import clearing, deferred, shop_payable
from quanyu.promotions.vouchers.voucher import Use, Voucher


class VoucherBook:
    """Transfers of one merchant's voucher. Nothing is posted where no fen moves."""

    def __init__(self, merchant: str, voucher: Voucher) -> None:
        self._merchant = merchant
        self._voucher = voucher
        shop = voucher.product.shop
        self._payable = shop_payable(merchant, shop)
        self._deferred = deferred(merchant, shop)
        self._clearing = clearing(voucher.method)

    @property
    def accounts(self) -> list[Account]:
        return [self._payable, self._deferred, self._clearing]

    def sold(self) -> list[Transfer]:
        """The order has booked the price as the shop's; here it becomes deferred."""
        return self._moved("sold", self._payable, to=self._deferred, fen=self._voucher.paid_fen)

    def used(self, use: Use) -> list[Transfer]:
        step = f"used:{use.id}"
        return self._moved(step, self._deferred, to=self._payable, fen=use.earned_fen)

    def undone(self, use: Use) -> list[Transfer]:
        step = f"undone:{use.id}"
        return self._moved(step, self._payable, to=self._deferred, fen=use.earned_fen)

    def refunded(self) -> list[Transfer]:
        rest_fen = self._voucher.refundable_fen
        return self._moved("refunded", self._deferred, to=self._clearing, fen=rest_fen)

    def voided(self) -> list[Transfer]:
        """The order gives the price back as the shop's own."""
        return self._moved("voided", self._deferred, to=self._payable, fen=self._voucher.paid_fen)

    def _moved(self, step: str, debit: Account, *, to: Account, fen: int) -> list[Transfer]:
        if fen == 0:
            return []
        id = transfer_id(self._merchant, "voucher", self._voucher.id, step)
        code = f"voucher.{step.partition(':')[0]}"
        return [Transfer(id, debit.id, to.id, fen, code, reference=self._voucher.order)]
