-- The identifiers themselves.
DELETE FROM identifier WHERE node = ANY (%(nodes)s::bigint[]) AND merchant_no = %(merchant_no)s
