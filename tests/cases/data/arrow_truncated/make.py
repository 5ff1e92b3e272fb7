"""Writes predictions.arrow, for the bad side cut off."""

import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.csv
import pyarrow.feather

text = pa.string()
options = pyarrow.csv.ConvertOptions(column_types={"id": text, "label": text, "prediction": text})
file = Path("predictions.arrow")
pyarrow.feather.write_feather(pyarrow.csv.read_csv("predictions.csv", convert_options=options), file)
if sys.argv[1] == "bad":
    file.write_bytes(file.read_bytes()[:-100])
