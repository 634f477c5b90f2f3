"""How a typed answer is got: what to ask next, and what came of it."""
