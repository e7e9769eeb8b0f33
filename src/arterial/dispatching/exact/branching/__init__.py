"""The search over orders, node by node."""
