"""The local embedder: models that run in this process, on whatever the machine has."""
