"""Charts of a comparison, made to be put on a slide.

`simulator.charts.gallery` lists and saves them; each chart is a module of its own with a function `draw(comparison)`
that gives a matplotlib Figure, or None where there is nothing to show. Nothing here is loaded before it is asked for.
"""
