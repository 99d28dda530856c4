"""The Corner Café."""
