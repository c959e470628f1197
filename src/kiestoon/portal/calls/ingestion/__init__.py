"""PROCESS ingest: folds journal events into CDRs, each event exactly once, and closes what never ended."""
