"""Orders of trains on resources, and the times that follow from them."""
