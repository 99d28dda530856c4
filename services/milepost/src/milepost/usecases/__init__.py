"""What Milepost does: one verb a module."""
