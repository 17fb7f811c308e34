-- Whether any person has used the off switch, is under age, or has suppressed tags.
SELECT EXISTS (SELECT FROM consent WHERE purpose = 'personalisation')
    OR EXISTS (SELECT FROM tag_withheld)
