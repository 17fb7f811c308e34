-- Receipts of a merchant with the keyed proofs of whom they covered.
SELECT receipt, proofs FROM erasure
WHERE merchant_no = %(merchant_no)s AND finished_us IS NOT NULL ORDER BY requested_us DESC
