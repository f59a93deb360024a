"""Draws scenes: `draw()` in `drawing.picture` is the whole of it."""
