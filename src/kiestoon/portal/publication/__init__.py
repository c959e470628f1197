"""What changed here reaches the call plane: compile, publish, remember."""
