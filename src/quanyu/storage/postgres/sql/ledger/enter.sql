-- Takes new transfers, as rows in PostgreSQL's binary form.
COPY ledger_transfer (no, id, phase, debit_no, credit_no, amount, pending_id, timeout_us, code,
                      reference, at_us, hash) FROM STDIN (FORMAT binary)
