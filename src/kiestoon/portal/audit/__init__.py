"""Who did what, when: an append-only trail of every change."""
