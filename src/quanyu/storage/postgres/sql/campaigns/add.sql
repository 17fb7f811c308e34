-- A new campaign.
INSERT INTO campaign (merchant_no, campaign, advertiser, title, state, day_fen, total_fen, newest, newest_state, from_us, to_us, in_force, committed_fen, settled)
VALUES (%(merchant_no)s, %(campaign)s, %(advertiser)s, %(title)s, %(state)s, %(day_fen)s, %(total_fen)s, %(newest)s,
        %(newest_state)s, %(from_us)s, %(to_us)s, %(in_force)s, %(committed_fen)s, %(settled)s)
