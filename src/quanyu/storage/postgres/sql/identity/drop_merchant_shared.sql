-- Forgets the shared devices of one merchant, so that they are judged again.
DELETE FROM shared_node WHERE merchant_no = %(merchant_no)s
