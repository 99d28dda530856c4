"""What the end-to-end tests, `make smoke` and `make bench` share."""
