"""To whom a delay is due, to the second."""
