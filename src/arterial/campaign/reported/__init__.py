"""Reported works held against wear, labour and materials."""
