"""Works with shifts, alternatives, parts and due dates: search over lists of tasks."""
