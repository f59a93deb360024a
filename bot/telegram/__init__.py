"""How the bot talks to Telegram: calls, their pace and their errors, updates, files."""
