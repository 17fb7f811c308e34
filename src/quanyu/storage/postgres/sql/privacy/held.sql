-- Whether an identifier that no event has named holds something, or bought something.
SELECT EXISTS (SELECT FROM coupon WHERE merchant_no = %(merchant_no)s AND (holder_kind, holder_token) = (%(kind)s, %(token)s))
    OR EXISTS (SELECT FROM coupon_attempt WHERE merchant_no = %(merchant_no)s AND token = %(token)s)
    OR EXISTS (SELECT FROM coupon_holder h JOIN offer o USING (offer_no)
               WHERE o.merchant_no = %(merchant_no)s AND (h.kind, h.token) = (%(kind)s, %(token)s))
    OR EXISTS (SELECT FROM order_identifier WHERE merchant_no = %(merchant_no)s AND (kind, token) = (%(kind)s, %(token)s))
    OR EXISTS (SELECT FROM voucher WHERE merchant_no = %(merchant_no)s AND (holder_kind, holder) = (%(kind)s, %(token)s))
    OR EXISTS (SELECT FROM flash_hold f JOIN flash_sale s ON s.id = f.sale_id
               WHERE s.merchant = %(merchant)s AND (f.holder_kind, f.holder_token) = (%(kind)s, %(token)s))
    OR EXISTS (SELECT FROM points_member m JOIN points_programme p ON p.id = m.programme_id
               WHERE p.owner = %(merchant)s AND (m.holder_kind, m.holder_token) = (%(kind)s, %(token)s))
