-- The head of the log, and the offset at which the hot segments end (null when there is none).
SELECT log_head.head, (SELECT max(first_offset + count - 1) FROM event_segment) FROM log_head
