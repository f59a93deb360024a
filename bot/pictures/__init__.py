"""Pictures as people send and get them. Most of it is slow: call it in a thread."""
