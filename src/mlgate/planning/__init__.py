"""Planning: the rows that a policy needs, what the present rows can show, and the chance that the whole gate passes."""
