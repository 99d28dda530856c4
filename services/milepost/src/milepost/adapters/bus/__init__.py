"""The bus in one process, and on Redis."""
