"""The demo world and the bench world."""
