# %% [markdown]
# # 1. One application, step by step
#
# **Question: how does a file become money, and what is a simulation of it?**
#
# A small firm wants a loan and offers its patents as security. Somebody at the bank has to read its file. This notebook
# plays five such firms twice: first with a dozen lines of SimPy, then with a scenario, a text that a banker can read.
# Both must agree to the minute.
#
# You need to know what a Python function is, and nothing of simulation.

# %%
import matplotlib.pyplot as plt
import pandas as pd
import simpy

import simulator

simulator.speak("en")  # "zh" shows charts, tables and sentences in Chinese: 把 "en" 改为 "zh" 即可

# %% [markdown]
# ## A dozen lines of SimPy
#
# One loan officer reads one file at a time; a file takes three hours. A firm that finds the officer busy waits. After
# the approval the money needs one more day. For now the office never closes.
#
# Three ideas are enough. A *process* is a function that lives in time: the story of one firm. A *resource* is somebody
# whom several processes want: the officer. `yield` means: go on when this has happened.

# %%
ARRIVALS = [0, 1, 2, 10, 11]  # hours since Monday, 4 March 2024, 9:00
READING, TRANSFER = 3, 24  # hours

waited = {}  # firm -> hours from application to the money


def firm(env, name, officer):
    applied = env.now
    with officer.request() as turn:
        yield turn  # wait until the officer is free
        yield env.timeout(READING)
    yield env.timeout(TRANSFER)
    waited[name] = env.now - applied


def arrivals(env, officer):
    for name, hour in enumerate(ARRIVALS):
        yield env.timeout(hour - env.now)
        env.process(firm(env, name, officer))


env = simpy.Environment()
env.process(arrivals(env, simpy.Resource(env, capacity=1)))
env.run()
waited

# %% [markdown]
# **Question.** Firm 0 waits for nobody. Why does firm 2 need longer than firm 1, although both files take three hours?
# Work it out by hand before you go on.

# %%
for name, hours in waited.items():
    queue = hours - READING - TRANSFER
    print(f"firm {name}: {hours} h = {queue} h waiting + {READING} h reading + {TRANSFER} h transfer")

# %% [markdown]
# ## The same as a scenario
#
# A scenario says what there is and not how it is computed: who works where, who applies and when, which steps a file
# takes, who bears a loss. What it says about credit is not needed today and could not be left out: every loan has a
# price when it fails.

# %%
TOWN = """
id: town
calendars: {office: {days: every day, hours: always}}
parties: {bank: {desks: {officer: {staff: 1}}}}
applicants:
  arrivals:
    firms:
      - {at: 2024-03-04 09:00}
      - {at: 2024-03-04 10:00}
      - {at: 2024-03-04 11:00}
      - {at: 2024-03-04 19:00}
      - {at: 2024-03-04 20:00}
  population: {amount_requested: 2m CNY, appraised_value: 6m CNY}
products:
  patent loan:
    tenor: 12 months
    lender: bank
    flow:
      - credit approval: {by: bank officer, work: 3 h}
      - drawdown: {elapsed: 24 h}
    risk_sharing: {split: {bank: 100%}}
credit: {annual_default_rate: 0%, claim_after: 60 days, recovery: {haircut: 70%, cost: 5%, time: 300 days}}
run:
  start: 2024-03-04
  arrivals_for: 7 days
  follow_up: {cases: 30 days, loans: 2 years}
  replications: 1
  seed: 1
  drawn_within: 3 days
"""
town = simulator.loads(TOWN)
town

# %% [markdown]
# The scenario can be drawn: a lane for each party, and in it what that party does.

# %%
town.diagram()

# %%
result = simulator.run(town)
cases = result.table("cases")
cases["hours"] = (cases["drawn_at"] - cases["applied_at"]).dt.total_seconds() / 3600
cases.set_index("case")[["applied_at", "drawn_at", "end", "hours"]]

# %% [markdown]
# Do the two agree?

# %%
assert cases["hours"].tolist() == list(waited.values())
print("SimPy by hand:", list(waited.values()))
print("the scenario: ", cases["hours"].tolist())

# %% [markdown]
# They must: the scenario is turned into SimPy processes of this kind, one for each firm and one for each loan. What it
# adds is what takes long to write by hand and is easy to get wrong.
#
# ## An office that closes
#
# Offices close at night, at weekends and on holidays. One change of the scenario says so; a published calendar of
# mainland China knows the days.

# %%
hours = {"days": "mainland China", "hours": "9:00-12:00, 13:00-17:00"}
office = town.change({"calendars.office": hours}, "office hours")
both = simulator.compare(town, office)
both.turnaround().set_index("world")[["mean_days", "p90_days", "drawn"]].round(2)

# %% [markdown]
# ## Why did case 4 take so long?
#
# `explain` tells one case from its application to the money. Every instant counts once: somebody works on the file, or
# it waits for somebody, or the office is closed (the file may be half read, or still in the queue), or time simply has
# to pass.

# %%
story = simulator.explain(office, case=4)
story.timeline.set_index("step")[["entry", "start", "work_end", "end"]]

# %%
for use, days in story.days.items():
    print(f"{use:8} {days * 24:5.1f} h")
story.chart();

# %% [markdown]
# **Question.** Was the officer the bottleneck, or the night? What would a second officer change for this firm?

# %%
second = office.change({"parties.bank.desks.officer.staff": 2}, "office hours, two officers")
hours = pd.DataFrame(
    {world.label: simulator.explain(world, case=4).days for world in (town, office, second)}
).mul(24).round(1)
hours

# %%
figure, axes = plt.subplots(figsize=(7, 2.6))
hours.T.plot.barh(stacked=True, ax=axes, color=["#0072b2", "#e69f00", "#999999", "#56b4e9"])
axes.set(xlabel="hours from application to the money, case 4", ylabel="")
axes.invert_yaxis()
axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
figure.tight_layout()

# %% [markdown]
# "Closed" is the time at a closed desk, also of a file in the queue. So the second officer takes away more than the
# hours called "waiting": of the 30 closed hours 17 go as well. A file that waits past closing time waits for the
# morning, too.
#
# ## The same chart in Chinese
#
# Every chart speaks both languages: `lang="zh"` for one, `simulator.speak("zh")` for all that follows.

# %%
both.chart("turnaround", lang="zh");

# %% [markdown]
# ## Change this and run again
#
# Let the fourth and the fifth firm come on Friday, 8 March at 16:00 and 16:30: change the two lines of `TOWN` that end
# in `19:00}` and `20:00}`, and run the notebook again. The assertion fails, since the hand-written model still has the
# old hours: change `ARRIVALS`, too (Friday 16:00 is 103 hours after Monday 9:00, and 16:30 is 103.5).
#
# How much of what the fifth firm waits is now the weekend, from Friday 17:00 to Monday 9:00? What does a second officer
# change for it now? (Expect 94.5 hours, of which the weekend is 64. A second officer saves 3.5: the 2.5 in the queue
# and a lunch hour, and nothing of the weekend.)
