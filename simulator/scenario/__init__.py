"""Scenario files: text to a checked, typed model in which every value knows its place."""
