"""The one path that answers every touchpoint, and what it leaves behind."""
