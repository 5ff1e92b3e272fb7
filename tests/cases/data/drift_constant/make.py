"""The table `then` and the table `now` of 1,200 rows each. All ages are 40, and in `bad` they are 41 now."""

import csv
import random
import sys

draw = random.Random(3)
bad = sys.argv[1] == "bad"


def number(table: str, at: int) -> str:
    value = f"{draw.gauss(40, 10):.1f}"
    return "41" if bad and table == "now" else "40"


for table in ("then", "now"):
    with open(f"{table}.csv", "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("id", "age", "city"))
        for at in range(1200):
            writer.writerow((at, number(table, at), draw.choice(("Ulm", "Bonn", "Kiel"))))
