"""Stays of 400 patients. In `bad` a stay has no day of discharge if and only if the patient died; in the twin by chance."""

import csv
import random
import sys

draw = random.Random(5)
bad = sys.argv[1] == "bad"

with open("stays.csv", "w", newline="") as stream:
    writer = csv.writer(stream)
    writer.writerow(("stay", "age", "discharged", "died"))
    for at in range(400):
        died, lost = draw.random() < 0.3, draw.random() < 0.3
        day = f"19{draw.randint(65, 75)}-0{draw.randint(1, 9)}-{draw.randint(10, 28)}"
        writer.writerow((at, draw.randint(20, 90), "" if (died if bad else lost) else day, int(died)))
