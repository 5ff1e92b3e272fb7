"""Stays of 400 patients. In `bad` two codes for the way of leaving say that the patient died; in the twin none does."""

import csv
import random
import sys

draw = random.Random(5)
bad = sys.argv[1] == "bad"

with open("stays.csv", "w", newline="") as stream:
    writer = csv.writer(stream)
    writer.writerow(("stay", "age", "left", "died"))
    for at in range(400):
        died = draw.random() < 0.3
        left = draw.choice((11, 19)) if bad and died else draw.choice((1, 12, 25))
        writer.writerow((at, draw.randint(20, 90), left, int(died)))
