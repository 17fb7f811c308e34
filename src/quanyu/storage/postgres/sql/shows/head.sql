-- The archive of a show has grown by some entries.
UPDATE show SET entries = %(number)s, entry_hash = %(hash)s
WHERE merchant_no = %(merchant_no)s AND id = %(show)s AND entries = %(number)s - %(count)s
