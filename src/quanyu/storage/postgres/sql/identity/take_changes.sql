-- Takes the oldest changes away; they come back when the transaction fails.
DELETE FROM person_change WHERE serial IN (
    SELECT serial FROM person_change ORDER BY serial LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
RETURNING serial, merchant_no, nodes
