"""The runtime on any warehouse: what a node asks is derived from its own SQL, and answers are joined to it."""
