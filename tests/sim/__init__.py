"""Separate processes that play the other end of a call; they import nothing from the product."""
