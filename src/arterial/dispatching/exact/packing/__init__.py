"""What conflicts must cost together at least."""
