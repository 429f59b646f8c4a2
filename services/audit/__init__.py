"""Who did what, why and on what legal basis, in a chain that shows every later change."""
