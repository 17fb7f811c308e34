-- Let this transaction remove lines of append-only ledgers.
SELECT set_config('quanyu.erasing', 'on', true)
