"""Telephone users, what their phones may do, and which devices are registered."""
