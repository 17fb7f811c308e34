-- Node numbers of identifiers that are known.
SELECT sent.place, known.node
FROM unnest(%(kinds)s::text[], %(tokens)b::bytea[]) WITH ORDINALITY AS sent (kind, token, place)
JOIN identifier AS known
  ON known.merchant_no = %(merchant_no)s AND known.kind = sent.kind AND known.token = sent.token
