"""The lake: files are what the manifest says, and each event stands once."""

import numpy as np

from quanyu.storage.audit.check import Audited, Check
from quanyu.storage.postgres.lake_files import live_files
from quanyu.storage.postgres.merchants import merchant_names


def lake_is_what_its_manifest_says(parts: Audited) -> Check:
    """Every listed file exists, has its size, its number of rows and its range of offsets."""
    from quanyu.storage.lake.files import read_file

    with parts.database.transaction() as conn:
        files = live_files(conn)
    faults = []
    for file in files:
        path = parts.lake_dir / file.path
        if not path.exists():
            faults.append(f"{file.path} is gone")
        elif path.stat().st_size != file.bytes:
            faults.append(f"{file.path} has {path.stat().st_size} bytes, not {file.bytes}")
        else:
            try:
                table = read_file(path)
            except (OSError, ValueError) as error:
                faults.append(f"{file.path} cannot be read: {error}")
                continue
            ends = np.asarray(table["offset"])
            found = (len(table), int(ends.min()), int(ends.max()))
            if found != (file.events, file.first_offset, file.last_offset):
                faults.append(f"{file.path} holds {found}, not what the manifest says")
    return Check("lake: files are what the manifest says", len(files), tuple(faults))


def lake_holds_each_event_once(parts: Audited) -> Check:
    """No offset stands twice over files and hot segments; none lies past the head."""
    with parts.database.transaction() as conn:
        names = sorted(merchant_names(conn).values())
        head = parts.log.hot_range(conn).head
    looked_at, faults = 0, []
    for merchant in names:
        with parts.lake.reading(merchant) as reading:
            counted = reading.events.aggregate(
                rows=reading.events.count(),
                different=reading.events.offset.nunique(),
                last=reading.events.offset.max(),
            )
            row = reading.rows(counted)[0]
        looked_at += row["rows"]
        if row["rows"] != row["different"]:
            faults.append(f"{merchant}: {row['rows'] - row['different']} offsets stand twice")
        if (row["last"] or 0) > head:
            faults.append(f"{merchant}: offset {row['last']} is past the head {head}")
    return Check("lake: each event once", looked_at, tuple(faults))
