"""The gate: combines policies and a candidate, measures the evidence, and decides the verdict."""
