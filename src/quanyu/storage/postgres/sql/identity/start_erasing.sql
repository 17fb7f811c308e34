-- Lets this transaction delete from the ledger.
SELECT set_config('quanyu.erasing', 'on', true)
