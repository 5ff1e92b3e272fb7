"""Writes two JSON lines files with ids near 2**53, which doubles cannot tell apart."""

import json
import sys
from pathlib import Path

first = 2**53
rows = [(first + i, str(1 - i % 2)) for i in range(20)]
shown = [(first + (i if sys.argv[1] == "twin" else i // 2 * 2), label) for i, (_, label) in enumerate(rows)]
Path("predictions.jsonl").write_text("".join(json.dumps({"id": i, "prediction": p}) + "\n" for i, p in shown))
Path("eval.jsonl").write_text("".join(json.dumps({"id": i, "label": y}) + "\n" for i, y in rows))
