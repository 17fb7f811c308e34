-- Every audience is evaluated at the next round: who may be in one has changed for everybody.
UPDATE audience SET refresh_us = 0
