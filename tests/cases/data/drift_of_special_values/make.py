"""The tables `then` and `now`. In `bad` a fifth of each column of `now` has become another value, that is much like it."""

import random
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq

draw = random.Random(3)
bad = sys.argv[1] == "bad"
MOVED = {
    "nan": (lambda: draw.gauss(0, 1), float("nan"), pa.float64()),
    "infinite": (lambda: draw.gauss(0, 1), float("inf"), pa.float64()),
    "decimal": (lambda: Decimal(draw.choice(("0.10", "0.20"))), Decimal("0.09"), pa.decimal128(5, 2)),
    "form": (lambda: draw.choice(("M\u00fcnchen", 'said "so"\n')), "Mu\u0308nchen", pa.string()),
    "big": (lambda: draw.choice((2**53, 7)), 2**53 + 1, pa.int64()),
    "truth": (lambda: draw.random() < 0.5, None, pa.bool_()),
}


def day() -> date:
    return date(1960, 1, 1) + timedelta(draw.randrange(100))


for table in ("then", "now"):
    moved = bad and table == "now"
    columns = {
        name: pa.array([other if moved and at % 5 == 0 else value() for at in range(1200)], kind)
        for name, (value, other, kind) in MOVED.items()
    }
    # The days of `now` are stored as times in another zone.
    days = [datetime.combine(day(), datetime.min.time(), UTC) + timedelta(50 * moved) for _ in range(1200)]
    columns["day"] = pa.array(days, pa.timestamp("us", "Asia/Tokyo" if table == "now" else "UTC"))
    pq.write_table(pa.table({"id": list(range(1200)), **columns}), f"{table}.parquet")
