"""What each store promises; `storage/base.py` puts them together."""
