"""The bus's own counts of names: a version that a command writes, and that scores only by an approved rejudging (ADR 0026)."""
