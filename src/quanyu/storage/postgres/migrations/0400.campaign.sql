-- Campaigns: how each stands, its versions, its days, and a history whose lines are never changed.
CREATE TABLE campaign (
    merchant_no   integer NOT NULL,
    campaign      text    COLLATE "C" NOT NULL,
    advertiser    text    NOT NULL,
    title         text    NOT NULL,
    state         text    NOT NULL CHECK (state IN
        ('draft', 'in_review', 'approved', 'running', 'paused', 'ended')),
    day_fen       bigint  NOT NULL CHECK (day_fen > 0),
    total_fen     bigint  NOT NULL CHECK (total_fen >= day_fen),
    newest        integer NOT NULL CHECK (newest > 0),
    newest_state  text    NOT NULL,
    from_us       bigint  NOT NULL,
    to_us         bigint  NOT NULL CHECK (to_us > from_us),
    in_force      integer NOT NULL CHECK (in_force BETWEEN 0 AND newest),
    committed_fen bigint  NOT NULL CHECK (committed_fen >= 0),
    settled       boolean NOT NULL,
    PRIMARY KEY (merchant_no, campaign),
    CHECK ((state IN ('approved', 'running', 'paused')) <= (in_force > 0 AND committed_fen = total_fen))
);
CREATE INDEX campaign_start ON campaign (from_us) WHERE state = 'approved';
CREATE INDEX campaign_end ON campaign (to_us) WHERE state IN ('approved', 'running', 'paused');
CREATE INDEX campaign_unsettled ON campaign (merchant_no) WHERE state = 'ended' AND NOT settled;
CREATE INDEX campaign_advertiser ON campaign (merchant_no, advertiser);

CREATE TABLE campaign_version (
    merchant_no integer NOT NULL,
    campaign    text    COLLATE "C" NOT NULL,
    number      integer NOT NULL CHECK (number > 0),
    state       text    NOT NULL CHECK (state IN ('draft', 'in_review', 'in_force', 'replaced')),
    body        bytea   NOT NULL,
    author      text    NOT NULL,
    submitter   text    NOT NULL,
    since_us    bigint  NOT NULL,
    PRIMARY KEY (merchant_no, campaign, number)
);
CREATE UNIQUE INDEX campaign_in_force ON campaign_version (merchant_no, campaign) WHERE state = 'in_force';
CREATE UNIQUE INDEX campaign_open ON campaign_version (merchant_no, campaign)
    WHERE state IN ('draft', 'in_review');

-- What each day was given of the whole, net of what it gave back.
CREATE TABLE campaign_day (
    merchant_no integer NOT NULL,
    campaign    text    COLLATE "C" NOT NULL,
    day         integer NOT NULL,
    given_fen   bigint  NOT NULL CHECK (given_fen >= 0),
    PRIMARY KEY (merchant_no, campaign, day)
);

CREATE TABLE campaign_change (
    line_no     bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant_no integer NOT NULL,
    campaign    text    COLLATE "C" NOT NULL,
    change      bytea   NOT NULL
);
CREATE INDEX campaign_change_of ON campaign_change (merchant_no, campaign, line_no);
CREATE FUNCTION campaign_change_stays() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'a line of history is never changed'; END $$;
CREATE TRIGGER campaign_change_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON campaign_change
    FOR EACH STATEMENT EXECUTE FUNCTION campaign_change_stays();

-- Counts changes of a merchant's campaigns: who keeps an index looks here whether it is of today.
CREATE TABLE campaign_revision (
    merchant_no integer PRIMARY KEY,
    changes     bigint  NOT NULL
);

ALTER TABLE withheld DROP CONSTRAINT withheld_kind_check;
ALTER TABLE withheld ADD CONSTRAINT withheld_kind_check CHECK (kind IN
    ('item', 'promotion', 'flash_sale', 'points_programme', 'points_item', 'campaign'));
