-- Grows with every retraction, by whichever process.
SELECT coalesce(max(entry), 0) FROM edge_entry WHERE retracts
