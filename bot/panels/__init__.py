"""Messages with buttons that a person works through."""
