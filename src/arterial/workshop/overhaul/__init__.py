"""The works as study tables: overhaul classes, jobs, bays, trades, and what comes of them."""
