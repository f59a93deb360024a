"""What the owner runs from a shell beside the bot."""
