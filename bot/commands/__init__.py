"""What is typed after a command, read."""
