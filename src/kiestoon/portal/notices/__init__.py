"""What customers are told about emergency calls, that they accepted it, and who was told again."""
