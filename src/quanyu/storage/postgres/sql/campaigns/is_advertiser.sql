-- Whether an advertiser has written a campaign.
SELECT EXISTS (SELECT FROM campaign WHERE merchant_no = %(merchant_no)s AND advertiser = %(advertiser)s)
