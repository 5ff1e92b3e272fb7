"""Whether a model treats groups alike: gaps and ratios of any metric between groups, and the terms of the field."""
