"""Charts of a comparison, made to be put on a slide.

`simulator.charts.gallery` lists and saves them; each chart is a module of its own with a function `draw(comparison)`
that gives a matplotlib Figure, or None where there is nothing to show. Charts of losses on many paths take plain
numbers: `distribution.draw`, `fan.draw_fans` and `waterfall.draw_losses`; `gallery.save` writes what they give. Nothing
here is loaded before it is asked for.
"""
