-- Programmes of an owner.
SELECT id, owner, name, terms, is_withheld(owner, 'points_programme', name)
FROM points_programme WHERE owner = %(owner)s ORDER BY name
