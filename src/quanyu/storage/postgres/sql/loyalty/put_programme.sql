-- Makes a programme, or gives it other terms.
INSERT INTO points_programme (owner, name, terms) VALUES (%(owner)s, %(name)s, %(terms)s)
ON CONFLICT (owner, name) DO UPDATE SET terms = excluded.terms
RETURNING id
