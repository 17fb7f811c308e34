-- Free the space of removed rows for new ones.
VACUUM {table}
