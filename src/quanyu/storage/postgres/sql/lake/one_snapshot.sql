-- All statements of this transaction see the same moment.
SET TRANSACTION ISOLATION LEVEL REPEATABLE READ
