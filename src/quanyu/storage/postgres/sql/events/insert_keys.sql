-- Claims event keys; says how many were new and, only when some were not, which ones.
WITH put AS (
    INSERT INTO event_key (merchant_no, key)
    SELECT merchant_no, key FROM unnest(%(merchants)s, %(keys)s) AS sent (merchant_no, key)
    ON CONFLICT DO NOTHING
    RETURNING merchant_no, key
)
SELECT count(*),
       CASE WHEN count(*) < %(sent)s
            THEN string_agg(int4send(merchant_no) || uuid_send(key), ''::bytea) END
FROM put
