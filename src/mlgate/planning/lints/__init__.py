"""One file per lint of policies: what is valid in a policy and probably not meant."""
