-- Which places of the log have been judged.
SELECT log_offset FROM ad_touch WHERE log_offset = ANY (%(offsets)s::bigint[])
