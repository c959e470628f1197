"""Calls as they were: journal events become call detail records."""
