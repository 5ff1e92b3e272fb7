"""The sources of lineage, one file each. Each reads what one tool has recorded."""
