"""The feed of the central number database, what customers see and choose of it, and what is really there."""
