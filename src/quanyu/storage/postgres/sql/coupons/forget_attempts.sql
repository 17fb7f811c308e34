-- Attempts and minutes that no window reaches any more.
WITH gone AS (DELETE FROM offer_minute WHERE minute < %(minute)s - 120)
DELETE FROM coupon_attempt WHERE minute < %(minute)s - 120
