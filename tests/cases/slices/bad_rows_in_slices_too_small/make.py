"""Good rows in three large regions, and wrong ones in villages of ten rows."""

import sys
from pathlib import Path

VILLAGES = {"bad": 40, "twin": 4}[sys.argv[1]]

lines = ["id,sex,region,label,prediction"]
for at in range(800):
    lines.append(f"{at},{'FM'[at // 2 % 2]},{'NSE'[at % 3]},{at % 2},{at % 2}")
for at in range(800, 800 + 10 * VILLAGES):
    lines.append(f"{at},{'FM'[at // 2 % 2]},V{at // 10},{at % 2},{1 - at % 2}")
Path("predictions.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
