-- When the next bulk evaluation falls due.
UPDATE audience SET refresh_us = %(refresh_us)s WHERE audience_no = %(audience_no)s
