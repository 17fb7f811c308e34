-- Changes of the merchant's campaigns, and of what is withheld among them; each only grows.
SELECT coalesce((SELECT changes FROM campaign_revision WHERE merchant_no = %(merchant_no)s), 0)
     + (SELECT count(*) FROM withheld_history WHERE merchant_no = %(merchant_no)s AND kind = 'campaign')
