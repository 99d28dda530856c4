"""The rules of Milepost: plain data and pure functions, no I/O, no framework."""
