-- Take the turn to write memberships; the number of the last change.
SELECT change_no FROM audience_head FOR UPDATE
