"""Make the people of these examples: whom a selection is about, and whether they did well afterwards."""

from __future__ import annotations

import csv
import random
from pathlib import Path

RACES = ("Asian", "Black", "Hispanic", "White")


def people(draw: random.Random, first: int, count: int) -> list[list[object]]:
    """Rows of (id, skill, years, sex, race, race_ethnicity, did_well)."""
    rows: list[list[object]] = []
    for number in range(first, first + count):
        skill, years = round(draw.gauss(0, 1), 4), draw.randrange(0, 20)
        well = int(1.4 * skill + 0.05 * (years - 10) + draw.gauss(0, 0.7) > 0)
        race = draw.choice(RACES)
        rows.append([f"p{number}", skill, years, draw.choice("FM"), race, race, well])
    return rows


def main() -> None:
    """Write the tables."""
    draw = random.Random(23)
    head = ["id", "skill", "years", "sex", "race", "race_ethnicity", "did_well"]
    for name, first, count in (("train.csv", 1, 300), ("evaluation.csv", 1001, 600)):
        with Path(name).open("w", newline="", encoding="utf-8") as opened:
            csv.writer(opened, lineterminator="\n").writerows([head, *people(draw, first, count)])


if __name__ == "__main__":
    main()
