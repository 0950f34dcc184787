"""The report of a run: one HTML page that answers its question, from the results folder alone.

`simulator.report.page` makes the page; each part of it is a module in `simulator.report.sections`. Nothing is simulated
here, and every figure stands in summary.json at the place that its mark names.
"""
