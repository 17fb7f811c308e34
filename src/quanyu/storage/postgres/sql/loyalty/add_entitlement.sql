-- A code that the partner will fulfil.
INSERT INTO points_entitlement (item_id, member_id, code, state)
VALUES (%(item)s, %(member)s, %(code)s, 'ordered')
