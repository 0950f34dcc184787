"""Measures of runs, their intervals, and paired comparison of worlds."""
