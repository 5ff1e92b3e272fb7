"""Visits in `train` and `test`. In `bad` nothing can be compared; in the twin nothing is shared."""

import csv
import sys

bad = sys.argv[1] == "bad"


def write(table: str, rows: list[tuple[object, ...]]) -> None:
    with open(f"{table}.csv", "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("id", "visit", "patient", "glucose" if bad else "lab_glucose", "at", "died"))
        writer.writerows(rows)


if bad:
    write("train", [(1, "", 7, 1.5, "", 0), (2, "", 8, 2.5, "01.02.1960", 1)])
    write("test", [(3, 1, "N/A", 3.5, "1961-01-01", 0), (4, 2, "", 4.5, "1962-01-01", 0)])
else:
    write("train", [(1, 5, 7, 1.5, "1960-02-29", 0), (2, 6, 8, "", "1960-03-01", 1)])
    write("test", [(at, at, at, at + 0.25, "1961-01-01T00:00:00+14:00", int(at % 7 < 3)) for at in range(100, 400)])
