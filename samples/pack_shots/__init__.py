"""Draws the pack shots of the sample catalogue; `make_photos.py` is the way in."""
