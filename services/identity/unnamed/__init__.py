"""Those nobody has named: placeholders and unnamed senders, looked up around the people who changed."""
