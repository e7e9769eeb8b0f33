"""Job shops and flexible job shops: tabu search over the sequences of machines."""
