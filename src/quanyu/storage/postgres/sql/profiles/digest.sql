-- Which measures the states were folded with.
SELECT digest FROM tag_catalogue
