-- Empty what the profile projection has made.
TRUNCATE history, tag_state, tag_catalogue
