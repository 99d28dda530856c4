"""Single-use, network-less sandboxes for Jupyter kernels."""
