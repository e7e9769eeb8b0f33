"""Compiled counting of delays by bin."""
