"""The feed of the central number database: records and batches."""
