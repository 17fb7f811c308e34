-- Programmes of an owner.
SELECT id, owner, name, terms FROM points_programme WHERE owner = %(owner)s ORDER BY name
