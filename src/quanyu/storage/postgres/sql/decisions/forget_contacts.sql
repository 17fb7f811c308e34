-- Forget which ads were put before some nodes.
DELETE FROM ad_contact WHERE node = ANY (%(nodes)s::bigint[])
