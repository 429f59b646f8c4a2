"""The `tocsin` command: one file for each group of commands, and what they share in running processes."""
