"""Claim, lease, run, retry."""
