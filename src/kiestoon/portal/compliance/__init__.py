"""The duties at work: what proves them, what they let be activated, and what authorities ask."""
