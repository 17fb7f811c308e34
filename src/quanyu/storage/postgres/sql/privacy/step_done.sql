-- Note that a step of an erasure is done, and what it removed.
UPDATE erasure SET steps = steps || %(step)s::text, erased = erased || %(erased)s
WHERE receipt = %(receipt)s AND NOT steps @> ARRAY[%(step)s::text]
