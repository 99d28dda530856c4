"""What the use cases need from the world, as Protocols; `adapters` hold the real things."""
