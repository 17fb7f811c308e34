-- Close an erasure: whose it was is forgotten, the keyed proofs stay.
UPDATE erasure SET nodes = '{}', tokens = '{}', finished_us = %(finished_us)s
WHERE receipt = %(receipt)s
RETURNING receipt, erased, requested_us, finished_us
