-- Add a line to the consent ledger.
INSERT INTO consent (merchant_no, node, purpose, action, notice_version, basis, at_us, actor, recipient)
VALUES (
    %(merchant_no)s, %(node)s, %(purpose)s, %(action)s, %(notice_version)s, %(basis)s, %(at_us)s, %(actor)s,
    %(recipient)s
)
