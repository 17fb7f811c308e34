"""May an answer be made for this person? Else, why everybody's is given."""

from quanyu.customers.privacy.consent import Subject, is_minor, personalises
from quanyu.decisions.guards.viewer import Plain


def plain_because(
    subject: Subject | None, *, at_us: int, assessed: bool, erasing: bool = False
) -> Plain | None:
    """None: personalised. ``subject`` None: nobody is known. ``assessed``: whether an impact
    assessment of personalisation is in force (PIPL 55).

    A line that another machine's faster clock has stamped counts all the same.
    """
    if subject is None:
        return Plain.ANONYMOUS
    now_us = max([at_us, *(entry.at_us for entry in subject.entries)])
    if is_minor(subject.birth_year, now_us):
        return Plain.MINOR
    if not personalises(subject, now_us):
        return Plain.OFF_SWITCH
    if not assessed:
        return Plain.NOT_ASSESSED
    return Plain.ERASING if erasing else None
