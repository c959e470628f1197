"""Calls somebody marked as malicious, and what was handed over to authorities."""
