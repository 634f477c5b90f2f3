"""How requests leave: packing, pacing, retrying, transport. The only place that knows about time."""
