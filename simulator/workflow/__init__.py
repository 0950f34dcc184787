"""The SimPy side: desks that serve files, flows that cases follow, loans after drawdown."""
