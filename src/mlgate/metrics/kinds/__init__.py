"""Kinds of statistic: each owns the facts, the estimate and the interval of a family of metrics."""
