"""Makes model.bin a link out of the workspace (bad), or to a file in it."""

import sys
from pathlib import Path

Path("weights.bin").write_text("weights\n")
Path("model.bin").symlink_to("/etc/hostname" if sys.argv[1] == "bad" else "weights.bin")
