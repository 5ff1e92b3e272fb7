"""A pickle in the place of the contract, for the bad side."""

import pickle
import sys
from pathlib import Path

if sys.argv[1] == "bad":
    Path("contract").write_bytes(pickle.dumps({"feature_names_in_": ["age", "sex"]}))
