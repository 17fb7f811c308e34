-- New, or how it stands now.
INSERT INTO show (merchant_no, id, room, series, plan, state, since_us, planner, hash, starts_us, ends_us, started_us, ended_us, kept_until_us)
VALUES (%(merchant_no)s, %(id)s, %(room)s, %(series)s, %(plan)s, %(state)s, %(since_us)s, %(planner)s, %(hash)s, %(starts_us)s, %(ends_us)s,
    %(started_us)s, %(ended_us)s, %(kept_until_us)s)
ON CONFLICT (merchant_no, id) DO UPDATE
SET room = excluded.room, series = excluded.series, plan = excluded.plan, state = excluded.state, since_us = excluded.since_us, planner = excluded.planner,
    hash = excluded.hash, starts_us = excluded.starts_us, ends_us = excluded.ends_us,
    started_us = excluded.started_us, ended_us = excluded.ended_us,
    kept_until_us = excluded.kept_until_us
