-- Roughly when a key was last used.
UPDATE api_key SET last_used_us = %s WHERE prefix = %s
