-- A new slice, and the row in which its outcome is summed.
WITH made AS (
    INSERT INTO ad_lease (merchant_no, campaign, day, amount_fen, opened_us, ends_us)
    VALUES (%(merchant_no)s, %(campaign)s, %(day)s, %(amount_fen)s, %(at_us)s, %(ends_us)s)
    RETURNING number, amount_fen
)
INSERT INTO ad_lease_outcome (lease, amount_fen) SELECT number, amount_fen FROM made RETURNING lease
