"""Can people call right now? From measurements to findings, from findings to alerts; all of it pure."""
