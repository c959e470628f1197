"""Numbers at 1 September, the report on them, and what the redundancy duty asks."""
