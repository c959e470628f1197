"""On-site emergency calls: their protected log, and who is told at once that one was made."""
