"""How far every train must have come before an event."""
