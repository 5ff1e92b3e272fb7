"""`python -P -m mlgate`: the command line where no script is installed."""

from __future__ import annotations

import sys

from mlgate.cli.main import main

UNSAFE = "run `mlgate`, or `python -P -m mlgate`: without -P Python imports modules of the working folder"

if __name__ == "__main__":
    if not sys.flags.safe_path:
        # The working folder would come first: a `yaml.py` of a pull request would judge the pull request.
        print(f"mlgate: {UNSAFE}", file=sys.stderr)
        sys.exit(2)
    main()
