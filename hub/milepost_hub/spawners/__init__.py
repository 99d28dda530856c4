"""How learners' servers are started: as local processes, or as containers."""
