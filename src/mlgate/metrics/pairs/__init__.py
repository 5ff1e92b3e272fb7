"""Two models on the same rows: how each kind of statistic is compared, a file a family of kinds."""
