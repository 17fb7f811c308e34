-- The check value of the master key that this database belongs to.
SELECT master_key_check FROM installation
