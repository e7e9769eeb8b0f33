"""Compiled sharing of a coach's delay among its causes."""
