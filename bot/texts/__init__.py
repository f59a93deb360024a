"""The words people read, a file for each topic; Telegram HTML where it is a message's text."""
