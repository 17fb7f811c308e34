-- Comings and goings of audiences that their snapshots already contain.
DELETE FROM membership_change WHERE change_no IN (
    SELECT c.change_no FROM membership_change c JOIN audience_snapshot s USING (audience_no)
    WHERE c.change_no <= s.change_no AND c.at_us < %(cutoff_us)s LIMIT %(limit)s
)
