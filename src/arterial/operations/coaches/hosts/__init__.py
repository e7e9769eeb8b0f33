"""Compiled runs of host trains from stop to stop, with the delays that they meet."""
