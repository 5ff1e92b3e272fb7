"""The lineage of a model: what was made from what, as tools have recorded it, and what of it can be recomputed."""
