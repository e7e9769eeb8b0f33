"""File formats: each module reads one format into records or tables, and writes it back."""
