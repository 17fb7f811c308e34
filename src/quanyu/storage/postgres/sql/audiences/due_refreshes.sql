-- Audiences whose turn for a bulk evaluation has come.
SELECT m.name, a.name FROM audience a JOIN merchant m USING (merchant_no)
WHERE a.refresh_us <= %(now_us)s ORDER BY a.refresh_us, a.audience_no
