"""How the runtime enters a SQL engine."""
