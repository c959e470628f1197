"""What a caller is told and asked."""
