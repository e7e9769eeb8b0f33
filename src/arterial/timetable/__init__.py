"""Timetable."""
