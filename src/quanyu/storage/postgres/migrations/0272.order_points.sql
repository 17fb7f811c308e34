-- What each line of an order costs its shop for points of the ecosystem, as it was posted.
ALTER TABLE orders ADD COLUMN points_fen bigint[] NOT NULL DEFAULT '{}';
