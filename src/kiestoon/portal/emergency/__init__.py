"""Emergency locations: where each device is, who said so, and asking when nobody knows."""
