-- Nodes that join a person.
COPY person_of (node, person) FROM STDIN (FORMAT binary)
