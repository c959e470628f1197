"""The law as code: one module per duty, with article, dates, rule and evidence (docs/duties.md)."""
