"""Webhooks: other programs are told what happens to calls; signed, at least once, each call in order."""
