"""Gaps between the visits of others, and labels of paths through them."""
