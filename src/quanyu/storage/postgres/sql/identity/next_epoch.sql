-- Waits for everyone who is using node numbers, then makes the others forget them.
UPDATE identity_epoch SET epoch = epoch + 1
