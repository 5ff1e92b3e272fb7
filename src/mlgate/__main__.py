"""`python -P -m mlgate`: the command line if no script is installed."""

from __future__ import annotations

import sys

from mlgate.cli.main import main

UNSAFE = "run `mlgate`, or `python -P -m mlgate`: without -P Python imports modules of the working folder"

if __name__ == "__main__":
    if not sys.flags.safe_path:
        # Without -P Python imports from the working folder first: a pull request's `yaml.py` would run in its own gate.
        print(f"mlgate: {UNSAFE}", file=sys.stderr)
        sys.exit(2)
    main()
