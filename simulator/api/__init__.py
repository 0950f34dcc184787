"""The public Python interface: what `import simulator` offers, as objects that a notebook can show.

It is a thin layer over the rest: a scenario is checked as a file is, an experiment runs as the command line runs it,
and every figure is the one of summary.json. Names are taken from `simulator` itself, not from here.
"""
