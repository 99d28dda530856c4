"""End-to-end tests: a real Hub, a real browser, a real Docker engine."""
