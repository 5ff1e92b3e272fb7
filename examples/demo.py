"""Run the gate on some of the examples, and end with 0 when every verdict is the one that its story tells."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

EXAMPLES = Path(__file__).parent
SHOWN = ("breast-cancer", "compas")


def run(story: Path) -> bool:
    """Run the story's scripts, judge what they wrote, and say whether the exit code is the expected one."""
    print(f"\n{'=' * 100}\nexamples/{story.name}\n", flush=True)
    for script in ("prepare.py", "train.py"):
        if (story / script).exists():
            print(f"$ python {script}", flush=True)
            subprocess.run([sys.executable, script], cwd=story, check=True)
    arguments = ["check", "--verbose", *(["."] if list(story.glob("*.candidate.yaml")) else [])]
    print(f"$ mlgate {' '.join(arguments)}\n", flush=True)
    code = subprocess.run([sys.executable, "-P", "-m", "mlgate", *arguments], cwd=story).returncode
    expected = json.loads((story / "expected.json").read_text())["exit_code"]
    said = "as expected" if code == expected else f"but {expected} was expected"
    print(f"\nexit code {code}, {said}", flush=True)
    return bool(code == expected)


def main() -> int:
    """Run the stories named on the command line, else those of the demonstration."""
    results = [run(EXAMPLES / name) for name in sys.argv[1:] or SHOWN]
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main())
