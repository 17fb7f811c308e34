-- Money of ads: slices of a campaign's day that are at work, ads that won a slot, and what came of them.
CREATE TABLE ad_lease (
    number       bigint  GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    merchant_no  integer NOT NULL,
    campaign     text    COLLATE "C" NOT NULL,
    day          integer NOT NULL,
    amount_fen   bigint  NOT NULL CHECK (amount_fen > 0),
    won_millifen bigint  NOT NULL DEFAULT 0 CHECK (won_millifen BETWEEN 0 AND amount_fen * 1000),
    opened_us    bigint  NOT NULL,
    ends_us      bigint  NOT NULL CHECK (ends_us > opened_us),
    closed_us    bigint,
    swept_us     bigint
) WITH (fillfactor = 70);
CREATE INDEX ad_lease_of ON ad_lease (merchant_no, campaign, day);
CREATE INDEX ad_lease_open ON ad_lease (ends_us) WHERE closed_us IS NULL;
CREATE INDEX ad_lease_unswept ON ad_lease (day) WHERE swept_us IS NULL;
COMMENT ON COLUMN ad_lease.won_millifen IS 'the sum of its wins, whatever became of them';
COMMENT ON COLUMN ad_lease.swept_us IS 'its day was over, and had given its rest back to the whole';

-- Apart from the lease: who settles never waits for who decides.
CREATE TABLE ad_lease_outcome (
    lease             bigint PRIMARY KEY,
    amount_fen        bigint NOT NULL,
    settled_millifen  bigint NOT NULL DEFAULT 0 CHECK (settled_millifen >= 0),
    released_millifen bigint NOT NULL DEFAULT 0 CHECK (released_millifen >= 0),
    CHECK (settled_millifen + released_millifen <= amount_fen * 1000)
) WITH (fillfactor = 70);

CREATE TABLE ad_win (
    merchant_no    integer  NOT NULL,
    trace          bytea    NOT NULL CHECK (length(trace) = 16),
    position       smallint NOT NULL CHECK (position > 0),
    campaign       text     COLLATE "C" NOT NULL,
    creative       text     NOT NULL,
    lease          bigint   NOT NULL,
    price_millifen bigint   NOT NULL CHECK (price_millifen > 0),
    billing        text     NOT NULL CHECK (billing IN ('impression', 'click', 'arrival')),
    touchpoint     text     NOT NULL,
    node           bigint,
    at_us          bigint   NOT NULL,
    expires_us     bigint   NOT NULL CHECK (expires_us > at_us),
    seen_us        bigint,
    state          text     NOT NULL DEFAULT 'held' CHECK (state IN ('held', 'settled', 'released')),
    ended_us       bigint,
    reason         text     NOT NULL DEFAULT '',
    PRIMARY KEY (merchant_no, trace, position),
    CHECK ((state = 'held') = (ended_us IS NULL))
) WITH (fillfactor = 80);
CREATE INDEX ad_win_held ON ad_win (expires_us) WHERE state = 'held';
CREATE INDEX ad_win_lease ON ad_win (lease);
CREATE INDEX ad_win_node ON ad_win (node) WHERE node IS NOT NULL;

-- Events that could have been billed: the one that was, and why the others were not.
CREATE TABLE ad_touch (
    merchant_no integer  NOT NULL,
    log_offset  bigint   NOT NULL,
    trace       bytea    NOT NULL,
    position    smallint NOT NULL,
    campaign    text     COLLATE "C" NOT NULL,
    kind        text     NOT NULL,
    node        bigint,
    day         integer  NOT NULL,
    at_us       bigint   NOT NULL,
    reason      text     NOT NULL,
    PRIMARY KEY (log_offset)
);
CREATE UNIQUE INDEX ad_touch_billed ON ad_touch (merchant_no, trace, position) WHERE reason = 'billed';
CREATE INDEX ad_touch_day ON ad_touch (merchant_no, campaign, day);
CREATE INDEX ad_touch_node ON ad_touch (node, at_us) WHERE node IS NOT NULL;

-- When each touchpoint told of impressions: where it tells of none, a click needs none before it.
CREATE TABLE ad_impressions_told (
    merchant_no integer NOT NULL,
    touchpoint  text    NOT NULL,
    first_us    bigint  NOT NULL,
    last_us     bigint  NOT NULL,
    PRIMARY KEY (merchant_no, touchpoint)
);
