"""Pages around the apps: which rooms a person has, the first page, the list of calls."""
