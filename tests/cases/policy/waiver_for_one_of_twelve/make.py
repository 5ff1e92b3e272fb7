"""Twelve candidates; the exception is for the seventh. In the bad case, all are as bad as that one."""

import sys
from pathlib import Path

for number in range(1, 13):
    name = f"model-{number:02}"
    wrong = 15 if number == 7 or sys.argv[1] == "bad" else 5
    folder = Path("models") / name
    folder.mkdir(parents=True)
    answers = ((at, at % 2, at % 2 if at >= wrong else 1 - at % 2) for at in range(100))
    lines = ["id,label,prediction", *(",".join(map(str, row)) for row in answers)]
    (folder / "predictions.csv").write_text("\n".join([*lines, ""]))
    (folder / "candidate.yaml").write_text(
        f'mlgate: 1\ncandidate: {name}\ntask: binary\npositive: "1"\n'
        "predictions: {path: predictions.csv, id: id, label: label, prediction: prediction}\n"
    )
