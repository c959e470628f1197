"""What gunicorn is told besides its command line: its log is as ours."""

from __future__ import annotations

import sys
from typing import Any

from kiestoon.vocabulary.log_line import catch_uncaught

logconfig_dict: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"()": "kiestoon.vocabulary.log_line.JsonLines"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {
        "gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
        "gunicorn.access": {"handlers": [], "level": "CRITICAL", "propagate": False},
    },
}
catch_uncaught("portal")
sys.setswitchinterval(0.0005)
"""Seconds. A page comes back for the interpreter after each answer of the database; while exports compute it
would wait Python's 5 ms each time."""
