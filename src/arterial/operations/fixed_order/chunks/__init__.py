"""Groups of replications with fixed order, drawn, run and attributed in one go."""
