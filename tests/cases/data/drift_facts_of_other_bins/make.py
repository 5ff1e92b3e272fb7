"""The facts of the table `then`, stored with 10 bins before it was removed, and the table `now`.
In `bad`, the rule has 5 bins."""

import csv
import random
from pathlib import Path

from mlgate.cli.main import run

draw = random.Random(3)
for name in ("training/then.csv", "now.csv"):
    with open(name, "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("id", "age", "city"))
        for at in range(1200):
            writer.writerow((at, f"{draw.gauss(40, 10):.1f}", draw.choice(("Ulm", "Bonn", "Kiel"))))

assert run(["measure", "training/then.yaml", "--policy", "training/policies", "--table", "then", "--output", "then.json"]) == 0
Path("training/then.csv").unlink()
