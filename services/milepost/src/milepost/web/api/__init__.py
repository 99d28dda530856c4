"""The HTTP API: handlers that declare and delegate."""
