"""Drills: test calls over every route, from every area, by every kind of device, and what arrived of them."""
