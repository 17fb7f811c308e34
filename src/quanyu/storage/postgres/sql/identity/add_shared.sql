-- Remembers shared devices.
INSERT INTO shared_node (node, merchant_no)
SELECT unnest(%(nodes)s::bigint[]), %(merchant_no)s ON CONFLICT DO NOTHING
