"""The Tool Library."""
