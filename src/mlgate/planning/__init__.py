"""Planning: which rows a policy takes, what the rows at hand can tell, and how likely the whole gate passes."""
