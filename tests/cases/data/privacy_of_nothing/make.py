"""Three people. In `bad` no note is written, and the days of birth are dates; in the twin both are texts."""

import sys
from datetime import date

import pyarrow as pa
import pyarrow.parquet as pq

bad = sys.argv[1] == "bad"
born = [date(1969, 12, 31), date(1900, 1, 1), None]
people = {
    "id": [1, 2, 3],
    "note": pa.array([None] * 3 if bad else ['said "no"', "line\nbreak", None], pa.string()),
    "notes" if bad else "remark": ["4111111111111112.0", None, "J\u00fcrgen @ 10:30"],
    "born": pa.array(born) if bad else pa.array([each and each.isoformat() for each in born], pa.string()),
}
pq.write_table(pa.table(people), "people.parquet")
