-- A yes to sharing names who receives (PIPL 23), and who must not be sent anything on a channel.
ALTER TABLE consent ADD COLUMN recipient text NOT NULL DEFAULT '' CHECK (length(recipient) <= 64);
COMMENT ON COLUMN consent.recipient IS 'empty: nobody in particular; a withdrawal of this covers every recipient';

CREATE TABLE suppression (
    merchant_no integer NOT NULL,
    node        bigint  NOT NULL,
    channel     text    NOT NULL CHECK (channel <> ''),
    reason      text    NOT NULL CHECK (reason IN ('unsubscribed', 'complaint', 'bounced', 'blocked')),
    at_us       bigint  NOT NULL,
    actor       text    NOT NULL CHECK (actor <> ''),
    PRIMARY KEY (node, channel)
);
