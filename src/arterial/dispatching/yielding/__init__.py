"""Paths of one train to which others give way."""
