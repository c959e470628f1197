"""A small RTP endpoint for simulators: tones out, tones heard, losses counted."""
