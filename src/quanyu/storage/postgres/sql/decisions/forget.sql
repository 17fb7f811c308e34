-- Forget the decisions about the people of some nodes.
DELETE FROM decision WHERE nodes <> '{}' AND nodes && %(nodes)s::bigint[]
