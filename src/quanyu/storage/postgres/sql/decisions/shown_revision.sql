-- How often items, stores, pieces or what the law has taken off show have changed.
SELECT coalesce((SELECT changes FROM shown_revision WHERE merchant_no = %(merchant_no)s), 0)
