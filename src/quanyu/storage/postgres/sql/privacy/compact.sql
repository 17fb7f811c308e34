-- Write a table anew, so that no bytes of removed rows are left in its file.
VACUUM (FULL) {table}
