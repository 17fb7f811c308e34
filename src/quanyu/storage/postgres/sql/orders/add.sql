-- A new order; nothing when the merchant has one of that id.
INSERT INTO orders (
    merchant_no, id, holder_kind, holder, touchpoint, terms, state, payable_fen, placed_us,
    deadline_us, shops
) VALUES (
    %(merchant_no)s, %(id)s, %(holder_kind)s, %(holder)s, %(touchpoint)s, %(terms)s, %(state)s,
    %(payable_fen)s, %(placed_us)s, %(deadline_us)s, %(shops)s
) ON CONFLICT DO NOTHING
