-- Ends a voucher whose rest goes back to the buyer, once.
UPDATE voucher SET refunded = true
WHERE merchant_no = %(merchant_no)s AND id = %(voucher)s AND NOT refunded
