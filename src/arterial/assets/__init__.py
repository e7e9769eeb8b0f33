"""Assets: what there is, its condition, how it wears and fails, and the speed that it allows."""
