"""The only place that chooses adapters: from settings to the parts that run.

In three modules, so that a command imports what it uses: importing nbgrader takes seconds.
"""
