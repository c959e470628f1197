"""Numbers customers hold, and what each rings."""
