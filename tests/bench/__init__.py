"""The figures that Milepost promises, each beside what it is compared to, in the same run."""
