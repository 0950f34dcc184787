"""Loans: when they default, what the pledged IP brings (NumPy; no SimPy)."""
