"""Whole calls while things break."""

from tests.stories import demo, pytest_pyfunc_call, stack

__all__ = ["demo", "pytest_pyfunc_call", "stack"]
