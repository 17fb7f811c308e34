-- A used coupon of which everything has come back in parts, as pieces of their own, is worth nothing more.
ALTER TABLE coupon DROP CONSTRAINT coupon_face_fen_check;
ALTER TABLE coupon ADD CONSTRAINT coupon_face_fen_check
    CHECK (face_fen > 0 OR (face_fen = 0 AND state = 'used'));
