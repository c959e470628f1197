"""PROCESS attendant: says things and takes digits, as a SIP endpoint behind the edge with its own RTP."""
