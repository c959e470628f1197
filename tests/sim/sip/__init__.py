"""A small SIP user agent for simulators: reads loosely, checks strictly, builds by the book."""
