"""A row each: 300 of every sex and region with label 1."""

from pathlib import Path


lines = ["id,sex,region,label,prediction"]
for sex in "FM":
    for region in "NSE":
        lines += [f"{len(lines) + at},{sex},{region},1,{int(at < 270)}" for at in range(300)]
        lines += [f"{len(lines) + at},{sex},{region},0,0" for at in range(300)]
Path("predictions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
