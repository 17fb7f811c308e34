-- Whether an erasure of one of the nodes is under way.
SELECT EXISTS (SELECT FROM erasure WHERE finished_us IS NULL AND nodes && %(nodes)s::bigint[])
