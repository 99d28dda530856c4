"""Server-rendered pages: complete without script, live with it."""
