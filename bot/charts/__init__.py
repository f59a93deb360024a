"""Charts as pictures, drawn by matplotlib in a process of their own: it takes a second and 100 MB,
and neither is the bot's. Without the [charts] extra there are words instead.
"""
