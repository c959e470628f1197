"""What strangers may do to the edge before it answers them less, later or not at all."""
