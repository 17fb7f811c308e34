-- Promotions of a merchant that apply, by id.
SELECT terms FROM promotion p
WHERE merchant_no = %(merchant_no)s AND NOT EXISTS (
    SELECT FROM withheld w WHERE w.merchant_no = p.merchant_no AND w.kind = 'promotion' AND w.id = p.id
) ORDER BY id
