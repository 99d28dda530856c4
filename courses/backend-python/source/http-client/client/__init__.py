"""The client of the weather service."""
