-- COPY target: events of nodes, in time order.
COPY history (node, at_us, "offset", event) FROM STDIN (FORMAT BINARY)
