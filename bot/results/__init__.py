"""A finished picture in its chat, and what the buttons under it do."""
