-- When a person came into audiences and left them, and why.
SELECT jsonb_build_object('audience', a.name, 'entered', c.entered, 'at_us', c.at_us, 'cause', c.cause)
FROM membership_change c JOIN audience a USING (audience_no)
WHERE c.person = ANY (%(nodes)s) ORDER BY c.change_no
