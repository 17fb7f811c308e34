-- Nobody is suppressed until everything is folded again. Who was a minor here stays noted.
WITH gone AS (DELETE FROM tag_withheld WHERE minor_through IS NULL)
UPDATE tag_withheld SET suppressed = false WHERE minor_through IS NOT NULL
