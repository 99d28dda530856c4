"""Milepost: distribution, judging, progress."""
