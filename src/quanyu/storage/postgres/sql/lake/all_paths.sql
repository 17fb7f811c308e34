-- Paths of all files that are known, live or retired.
SELECT path FROM lake_file
