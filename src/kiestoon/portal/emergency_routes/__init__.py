"""Where emergency calls go: the routing table by area, and what happens while a place is not known."""
