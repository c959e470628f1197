"""What ./run does: install, configure, start, watch, doctor."""
