-- Ids of the migrations that ran here.
SELECT migration_id FROM _yoyo_migration
