"""Replications: pure functions of scenario and number, run on one core or several."""
