"""Projects with scarce resources: search over lists of tasks."""
