"""The table `then` and the table `now` of 1,200 rows each."""

import csv
import random

draw = random.Random(3)


def number(table: str, at: int) -> str:
    value = f"{draw.gauss(40, 10):.1f}"
    return value


for table in ("then", "now"):
    with open(f"{table}.csv", "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("id", "age", "city"))
        for at in range(1200):
            writer.writerow((at, number(table, at), draw.choice(("Ulm", "Bonn", "Kiel"))))
