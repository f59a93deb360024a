"""What looks after the bot while it runs."""
