"""PROCESS portal (pages and API), jobs and ingest: what people see, and what the call plane is told."""
