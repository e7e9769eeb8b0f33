"""Arterial: plan, simulate and check railways that the public knows only in part."""
