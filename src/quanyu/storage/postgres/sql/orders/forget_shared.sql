-- The ecosystem's tokens of a person, in the orders of every merchant.
UPDATE order_identifier i SET shared = NULL
FROM unnest(%(kinds)s::text[], %(tokens)s::bytea[]) AS gone (kind, token)
WHERE i.shared = gone.token AND i.kind = gone.kind
