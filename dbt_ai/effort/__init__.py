"""Which rows of a call a proxy may answer in the large model's place, so that a promise about all of them holds."""
