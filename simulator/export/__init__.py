"""Writes results to files that explain themselves."""
