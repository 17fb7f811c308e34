-- One row about this installation: which master key its tokens were made with.
CREATE TABLE installation (
    one boolean PRIMARY KEY DEFAULT true CHECK (one),
    master_key_check bytea NOT NULL CHECK (length(master_key_check) = 32),
    created_at timestamptz NOT NULL DEFAULT now()
);
