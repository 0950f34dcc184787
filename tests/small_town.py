"""A small scenario that runs in a blink: one desk, a fund, loans of which some default."""

from __future__ import annotations

TOWN = """
id: town
calendars: {office: {hours: "9:00-17:00"}}
parties: {bank: {desks: {reviewer: {staff: 1}}}, city: {}, insurer: {}}
applicants:
  arrivals: {per_working_day: 2}
  population: {amount_requested: 1m CNY, appraised_value: 2m CNY}
products:
  loan:
    tenor: 12 months
    lender: bank
    flow:
      - due diligence: {by: bank reviewer, work: {exponential: 3 h}}
      - drawdown: {elapsed: 1 day}
    risk_sharing: {split: {insurer: 90%, bank: rest}}
credit: {annual_default_rate: 30%, claim_after: 30 days, recovery: {haircut: 80%, cost: 5%, time: 200 days}}
run:
  start: 2021-01-04
  arrivals_for: 30 days
  follow_up: {cases: 60 days, loans: 3 years}
  replications: 3
  seed: 5
  drawn_within: 10 days
variants:
  two reviewers: {parties.bank.desks.reviewer.staff: 2}
"""
