"""Questions to the evidence: one file per question, with its need, its fact and the statement that answers it."""
