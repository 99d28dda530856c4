"""Milepost in JupyterLab."""
