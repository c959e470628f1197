"""Can people call right now? Measurements, alerts, runbooks, and figures for Prometheus."""
