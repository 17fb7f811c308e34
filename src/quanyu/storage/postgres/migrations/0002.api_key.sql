-- API keys: the hash finds the row; the key itself is shown once and never stored.
CREATE TABLE api_key (
    prefix text PRIMARY KEY,
    hash bytea NOT NULL UNIQUE CHECK (length(hash) = 32),
    merchant_no integer NOT NULL REFERENCES merchant,
    scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
    created_us bigint NOT NULL,
    expires_us bigint,
    revoked_us bigint,
    last_used_us bigint
);
