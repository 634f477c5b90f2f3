"""How requests leave: packing, pacing, backoff, transport. The only place that knows about time."""
