"""What to show now, at every touchpoint: one path, one frequency cap, one explanation."""
