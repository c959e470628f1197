"""Who is kept out by the edge, why, and undoing it."""
