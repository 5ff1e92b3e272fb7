"""Errors as `1`, mostly spelled otherwise, in a column that is text for the sake of one word."""

import sys
from pathlib import Path

SPELLED = {"bad": ["1.000", "+1", "01", "1e0", "1."], "twin": ["0.000", "+0", "00", "0e0", "0."]}[sys.argv[1]]

values = ["1", "none", *("0" for _ in range(98)), *(SPELLED[at % 5] for at in range(300))]
Path("calls.csv").write_text("id,error\n" + "".join(f"{at},{value}\n" for at, value in enumerate(values)))
