"""Compiled journeys of through coaches: procedures, hand-overs, legs and coach sets."""
