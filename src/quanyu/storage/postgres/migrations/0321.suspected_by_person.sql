-- Whether a person has put an order under suspicion: scans withdraw their own suspicions only.
ALTER TABLE suspected_order ADD COLUMN by_person boolean NOT NULL DEFAULT false;
