-- A fresh pseudonym in the place of a holder.
UPDATE orders SET holder_kind = 'erased', holder = %(pseudonym)s
WHERE merchant_no = %(merchant_no)s AND holder_kind = %(kind)s AND holder = %(holder)s
