-- Pieces of content in versions, and what was done with them. At most one version is in front of people.
CREATE TABLE content_version (
    merchant_no integer NOT NULL,
    piece       text    COLLATE "C" NOT NULL,
    number      integer NOT NULL CHECK (number > 0),
    kind        text    NOT NULL,
    state       text    NOT NULL CHECK (state IN
        ('draft', 'in_review', 'approved', 'published', 'paused', 'withdrawn')),
    body        bytea   NOT NULL,
    author      text    NOT NULL,
    submitter   text    NOT NULL DEFAULT '',
    since_us    bigint  NOT NULL,
    PRIMARY KEY (merchant_no, piece, number)
);
CREATE UNIQUE INDEX content_shown ON content_version (merchant_no, piece)
    WHERE state IN ('published', 'paused');
CREATE UNIQUE INDEX content_open ON content_version (merchant_no, piece)
    WHERE state IN ('draft', 'in_review', 'approved');

CREATE TABLE content_change (
    no          bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant_no integer NOT NULL,
    piece       text    COLLATE "C" NOT NULL,
    change      bytea   NOT NULL
);
CREATE INDEX content_change_piece ON content_change (merchant_no, piece, no);
