"""Thin tornado handlers, pages, and the event stream."""
