"""Running it: the composition root, the `tocsin` command, the embedded servers and what ships with the image."""
