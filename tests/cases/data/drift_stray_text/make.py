"""The table `then` and the table `now` of 1,200 rows each. One dose of `then` is not a number; in `bad` all have moved."""

import csv
import random
import sys

draw = random.Random(3)
bad = sys.argv[1] == "bad"


def dose(table: str, at: int) -> str:
    value = f"{draw.gauss(40 + 30 * (bad and table == 'now'), 10):.9f}"
    return "n/a" if table == "then" and at == 7 else value


for table in ("then", "now"):
    with open(f"{table}.csv", "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("id", "dose", "city"))
        for at in range(1200):
            writer.writerow((at, dose(table, at), draw.choice(("Ulm", "Bonn\nWest", 'Kiel "Nord"'))))
