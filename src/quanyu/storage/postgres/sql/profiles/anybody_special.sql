-- Whether any person has used the off switch, is under age, or has suppressed tags.
SELECT EXISTS (SELECT FROM consent WHERE purpose = 'personalisation')
    OR EXISTS (SELECT FROM tag_state WHERE minor_through IS NOT NULL)
    OR EXISTS (SELECT FROM tag_state WHERE suppressed)
