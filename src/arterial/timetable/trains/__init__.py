"""Calendars, and the days and times of all trains."""
