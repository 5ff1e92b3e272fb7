"""The table `then` and the table `now` of 1,200 rows each. In `bad` the ages are in months now."""

import csv
import random
import sys

draw = random.Random(3)
bad = sys.argv[1] == "bad"


def number(table: str, at: int) -> str:
    value = f"{draw.gauss(40, 10):.1f}"
    return f"{12 * float(value):.1f}" if bad and table == "now" else value


for table in ("then", "now"):
    with open(f"{table}.csv", "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("id", "age", "city"))
        for at in range(1200):
            writer.writerow((at, number(table, at), draw.choice(("Ulm", "Bonn", "Kiel"))))
