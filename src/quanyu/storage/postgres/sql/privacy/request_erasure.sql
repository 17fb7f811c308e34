-- Note a request to erase, before anything is touched.
INSERT INTO erasure (receipt, merchant_no, nodes, tokens, proofs, consents, erased, requested_us)
VALUES (
    %(receipt)s, %(merchant_no)s, %(nodes)s, %(tokens)s, %(proofs)s, %(consents)s,
    %(erased)s, %(requested_us)s
)
