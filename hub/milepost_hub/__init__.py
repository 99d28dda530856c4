"""JupyterHub configuration of Milepost."""
