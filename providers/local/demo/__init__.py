"""A real Kandinsky 2.2 in miniature, trained from scratch on scenes drawn by this package."""
