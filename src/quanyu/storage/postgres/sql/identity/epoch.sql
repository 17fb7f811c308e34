-- The epoch of the registry, held until commit so that no erasure comes between look-up and use;
-- this transaction; and how earlier ones have ended.
SELECT epoch, pg_current_xact_id()::text,
       ARRAY(SELECT pg_xact_status(earlier::xid8) FROM unnest(%(earlier)s::text[]) AS earlier)
FROM identity_epoch FOR SHARE
