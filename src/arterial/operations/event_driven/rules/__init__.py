"""When a train may enter a step, and which one goes first."""
