"""State of a simulated line: where trains are, who waits, what comes next."""
