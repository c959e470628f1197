"""What attackers send: torture messages, raw transports, floods. Imports nothing of the product."""
