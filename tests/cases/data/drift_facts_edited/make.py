"""The facts of the table `then`, stored before it was removed, and the table `now`. In `bad`, a count of the facts was
edited."""

import csv
import random
import sys
from pathlib import Path

from mlgate.cli.main import run

draw = random.Random(3)
for name in ("training/then.csv", "now.csv"):
    with open(name, "w", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(("id", "age", "city"))
        for at in range(1200):
            writer.writerow((at, f"{draw.gauss(40, 10):.1f}", draw.choice(("Ulm", "Bonn", "Kiel"))))

assert run(["measure", "training/then.yaml", "--table", "then", "--output", "then.json"]) == 0
Path("training/then.csv").unlink()
if sys.argv[1] == "bad":
    text = Path("then.json").read_text()
    Path("then.json").write_text(text.replace('"rows": ', '"rows": 1', 1))
