"""Kiestoon: a Belgian telephone operator in a box."""

__version__ = "0.1.0"
