"""Through coaches: hand-overs, dated itineraries, rotations of their sets."""
