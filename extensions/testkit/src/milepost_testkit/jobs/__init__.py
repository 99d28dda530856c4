"""What runs beside the kernel: one forked process a job, each in a process group of its own."""
