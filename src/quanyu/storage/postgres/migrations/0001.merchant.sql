-- Merchants by number: rows of other tables carry four bytes instead of a name.
CREATE TABLE merchant (
    merchant_no integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL UNIQUE CHECK (name <> '' AND length(name) <= 64),
    created_at timestamptz NOT NULL DEFAULT now()
);
