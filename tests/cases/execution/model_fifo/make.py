"""Makes model.bin a pipe (bad), which a reader would wait for, or a file."""

import os
import sys
from pathlib import Path

if sys.argv[1] == "bad":
    os.mkfifo("model.bin")
else:
    Path("model.bin").write_text("weights\n")
