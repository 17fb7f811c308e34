"""How candidates are put in order."""
