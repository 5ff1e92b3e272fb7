"""The gate: policies meet a candidate, its evidence is measured, and the verdict is decided."""
