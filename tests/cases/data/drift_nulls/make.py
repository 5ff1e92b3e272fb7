"""The table `then` and the table `now` of 1,200 rows each. In `bad` a tenth of the ages is missing now."""

import csv
import random
import sys

draw = random.Random(3)
bad = sys.argv[1] == "bad"


def number(table: str, at: int) -> str:
    value = f"{draw.gauss(40, 10):.1f}"
    return "" if bad and table == "now" and at % 10 == 0 else value


for table in ("then", "now"):
    with open(f"{table}.csv", "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("id", "age", "city"))
        for at in range(1200):
            writer.writerow((at, number(table, at), draw.choice(("Ulm", "Bonn", "Kiel"))))
