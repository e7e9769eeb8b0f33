"""The choice of works: problem, solver, plan, proof."""
